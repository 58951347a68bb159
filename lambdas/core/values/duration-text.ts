// Durations in words, for alerts and timelines.

/** A duration in ms for people: `42 s`, `7 min`, `3 h 20 min`. */
export function durationText(ms: number): string {
  const whole = Math.round(ms / 1000);
  if (whole < 120) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
