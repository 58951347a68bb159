// Hours in which people want to be left in peace, by the clocks of the place where they live.
import * as z from 'zod/mini';

import { isTimeZone, TIME_OF_DAY } from '../../contract/quiet-hours.ts';
import { alertLevels } from '../model/service.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** No night is longer than a day and the hour that a clock may be put back. */
const MOST_MINUTES = DAY_MINUTES + 120;

const timeOfDay = z.string().check(z.regex(TIME_OF_DAY));

export const quietHoursSchema = z
  .object({
    /** Local times as 22:00. `from` is within, `to` is not; it may lie on the next day. */
    from: timeOfDay,
    to: timeOfDay,
    /** As the IANA knows it: Europe/Berlin. */
    timeZone: z.string().check(z.refine(isTimeZone)),
    /** What may wait; what is critical never does. */
    levels: z.array(z.enum(alertLevels)).check(z.refine((levels) => !levels.includes('critical'))),
  })
  .check(z.refine(({ from, to }) => from !== to));
export type QuietHours = Readonly<z.infer<typeof quietHoursSchema>>;

/**
 * Until when it is quiet, if it is at `now` (both epoch ms); `undefined` when it is not. Looks at the local clock minute
 * by minute, so that nights in which clocks are changed end when that clock says so, whatever was skipped or repeated.
 */
export function quietUntil(now: number, { from, to, timeZone }: QuietHours): number | undefined {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const isQuiet = (at: number) => isWithin(clock.format(at), from, to);
  if (!isQuiet(now)) return undefined;
  const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const ends = (after: number) => !isQuiet(minute + after * MINUTE_MS);
  const minutes = Array.from({ length: MOST_MINUTES }, (_, index) => index + 1);
  return minute + (minutes.find(ends) ?? MOST_MINUTES) * MINUTE_MS;
}

/** Local times as 22:00 compare as texts do. */
const isWithin = (time: string, from: string, to: string): boolean =>
  from < to ? from <= time && time < to : from <= time || time < to;
