import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HOURS_KEPT_MS, planWindow } from '../../../lambdas/core/numbers/window.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (day: number, hour: number) => day * DAY + hour * HOUR;

describe('the parts of a window', () => {
  it('are whole days, and the hours at its edges', () => {
    expect(planWindow({ hours: at(30, 13), days: at(30, 0) }, 3 * DAY)).toEqual({
      whole: { from: at(27, 13), before: at(30, 13) },
      days: { from: at(28, 0), before: at(30, 0) },
      hours: [
        { from: at(27, 13), before: at(28, 0) },
        { from: at(30, 0), before: at(30, 13) },
      ],
    });
  });

  it('are hours alone where no day is whole, or none is rolled up yet', () => {
    const whole = { from: at(30, 0), before: at(30, 13) };
    expect(planWindow({ hours: at(30, 13), days: at(30, 0) }, 13 * HOUR)).toMatchObject({ hours: [whole] });
    const late = { hours: at(31, 0), days: at(30, 0) };
    expect(planWindow(late, DAY).hours).toEqual([{ from: at(30, 0), before: at(31, 0) }]);
  });

  it('are days alone where the window is nothing else', () => {
    const { days, hours } = planWindow({ hours: at(31, 0), days: at(31, 0) }, 2 * DAY);
    expect({ days, hours }).toEqual({ days: { from: at(29, 0), before: at(31, 0) }, hours: [] });
  });

  it('are an hour at least, and whole ones', () => {
    expect(planWindow({ hours: at(30, 13), days: at(30, 0) }, 1).whole).toEqual({
      ...{ from: at(30, 12), before: at(30, 13) },
    });
    expect(planWindow({ hours: at(30, 13), days: at(30, 0) }, 2.7 * HOUR).whole.from).toBe(at(30, 11));
  });

  it('begin with a whole day where the window is longer than hours are kept', () => {
    const progress = { hours: at(100, 13), days: at(100, 0) };
    expect(planWindow(progress, 31 * DAY).whole.from).toBe(at(69, 13));
    expect(planWindow(progress, 32 * DAY)).toMatchObject({
      ...{ whole: { from: at(68, 0) }, days: { from: at(68, 0) }, hours: [{ from: at(100, 0) }] },
    });
    expect(HOURS_KEPT_MS).toBeGreaterThan(32 * DAY);
  });

  it('hold every hour of it exactly once', () => {
    const ms = fc.integer({ min: 1, max: 400 * 24 });
    fc.assert(
      fc.property(
        fc.integer({ min: 500 * 24, max: 600 * 24 }),
        fc.integer({ min: 0, max: 72 }),
        ms,
        (now, lag, hours) => {
          const progress = { hours: now * HOUR, days: Math.floor((now - lag) / 24) * DAY };
          const plan = planWindow(progress, hours * HOUR);
          const parts = [...plan.hours, plan.days].filter(({ from, before }) => from < before);
          const sorted = parts.sort((one, other) => one.from - other.from);
          expect(sorted[0]?.from).toBe(plan.whole.from);
          expect(sorted.at(-1)?.before).toBe(plan.whole.before);
          sorted.slice(1).forEach((part, index) => expect(part.from).toBe(sorted[index]?.before));
          expect(plan.days.from < plan.days.before ? plan.days.from % DAY : 0).toBe(0);
          expect(plan.days.before > plan.days.from && plan.days.before > progress.days).toBe(false);
        },
      ),
    );
  });
});
