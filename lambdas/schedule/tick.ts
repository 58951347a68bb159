// What the schedule sends, and which round it stands for.
import * as z from 'zod/mini';

import type { Clock } from '../ports/process.ts';

/** Scheduler puts the time it fired for in the place of this text. */
const PLACEHOLDER = '<aws.scheduler.scheduled-time>';

export const tickSchema = z.object({ scheduledTime: z.union([z.iso.datetime(), z.literal(PLACEHOLDER)]) });
export type Tick = Readonly<z.infer<typeof tickSchema>>;

/**
 * When the round is (epoch ms): the time in the tick, never the time of arrival, which may be late. Schedulers that
 * imitate AWS's may leave the placeholder as it is; then the minute of arrival must do. A tick that comes late or twice
 * then names the round of another minute, which does no harm, but the minute it was meant for has no round.
 */
export function roundTimeOf({ scheduledTime }: Tick, clock: Clock, warn: () => void): number {
  if (scheduledTime !== PLACEHOLDER) return Date.parse(scheduledTime);
  warn();
  return Math.floor(clock.now() / 60_000) * 60_000;
}
