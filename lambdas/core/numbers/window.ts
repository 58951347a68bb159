// Which roll-ups a window is made of: days where they are whole, hours at its edges and where a day is not rolled up yet.
import { DAY_MS } from './roll-day.ts';
import { HOUR_MS } from './roll-hour.ts';
import type { Stretch } from './service-facts.ts';

/**
 * How far the roll-ups have come: all before `hours` and `days` are written, and trends were looked for up to `trends`, if
 * ever. Epoch ms.
 */
export type Progress = Readonly<{ hours: number; days: number; trends?: number | undefined }>;

/** Hours are for the edges of shorter windows; a longer one begins with a whole day, so that hours need not be kept. */
const BY_THE_HOUR_MS = 31 * DAY_MS;
/** So long hours are kept at most: for the longest window with edges, and for what comes late. */
export const HOURS_KEPT_MS = 40 * DAY_MS;

export type WindowPlan = Readonly<{ whole: Stretch; days: Stretch; hours: readonly Stretch[] }>;

/** A window of so many ms that ends with the newest hour there is; its parts are apart and none of them is empty in time. */
export function planWindow({ hours: before, days }: Progress, windowMs: number): WindowPlan {
  const asked = before - Math.max(1, Math.floor(windowMs / HOUR_MS)) * HOUR_MS;
  const from = windowMs > BY_THE_HOUR_MS ? Math.floor(asked / DAY_MS) * DAY_MS : asked;
  const firstDay = Math.ceil(from / DAY_MS) * DAY_MS;
  const lastDay = Math.min(days, Math.floor(before / DAY_MS) * DAY_MS);
  const whole = { from, before };
  if (lastDay <= firstDay) return { whole, days: { from, before: from }, hours: [whole] };
  const edges = [
    { from, before: firstDay },
    { from: lastDay, before },
  ];
  return { whole, days: { from: firstDay, before: lastDay }, hours: edges.filter((edge) => edge.from < edge.before) };
}
