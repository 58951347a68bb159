// What is kept of a service's past: its verdicts from the packed rows, and when it was being restarted.
import type { Cause, Verdict } from './observation.ts';
import { runningRestart, type State } from './state.ts';
import type { TimelineRecord } from './timeline.ts';

/** One verdict of the past, from the packed rows. `beat` is epoch ms. */
export type Recorded = Readonly<{ beat: number; verdict: Verdict; cause: Cause; latencyMs?: number | undefined }>;

/** From `from` to `to`, epoch ms, both included. */
export type Span = Readonly<{ from: number; to: number }>;

export const doOverlap = (one: Span, other: Span): boolean => one.from <= other.to && one.to >= other.from;

/**
 * When the service was really being restarted: from the order to the end. A service that came back in that time did not
 * come back by itself. A cancelled restart restarted nothing.
 */
export function restartSpans(ended: readonly TimelineRecord[], state: State, now: number): readonly Span[] {
  const running = runningRestart(state);
  const spans = ended
    .filter(({ kind }) => kind === 'restart_completed' || kind === 'restart_failed')
    .map(({ at, details }) => {
      const orderedAt = details?.['orderedAt'];
      return { from: typeof orderedAt === 'number' ? orderedAt : at, to: at };
    });
  return running ? [{ from: running.orderedAt, to: now }, ...spans] : spans;
}

/** The verdicts that there would be with this longer interval: the first of every interval. */
export function thinned(recorded: readonly Recorded[], intervalSeconds: number): readonly Recorded[] {
  let last: number | undefined;
  return recorded.filter(({ beat }) => {
    const slot = Math.floor(beat / (intervalSeconds * 1000));
    const isFirst = slot !== last;
    last = slot;
    return isFirst;
  });
}
