import { describe, expect, it } from 'vitest';

import { roundTimeOf, tickSchema } from '../../lambdas/schedule/tick.ts';
import { fakeClock, START } from '../fakes/fake-clock.ts';

const iso = (at: number) => new Date(at).toISOString();
function timeOf(scheduledTime: string) {
  const clock = fakeClock();
  clock.pass(42_500);
  let warnings = 0;
  const at = roundTimeOf(tickSchema.parse({ scheduledTime }), clock, () => void (warnings += 1));
  return { at, warnings };
}

describe('a tick', () => {
  it('is for the time that it bears, however late it comes', () => {
    expect(timeOf(iso(START - 60_000))).toEqual({ at: START - 60_000, warnings: 0 });
  });

  it('whose placeholder nobody filled in is for the minute it came in, and says so', () => {
    expect(timeOf('<aws.scheduler.scheduled-time>')).toEqual({ at: START, warnings: 1 });
  });

  it.each(['', 'noon', '<aws.scheduler.execution-id>', '2026-01-05'])(
    'with the time "%s" is refused',
    (scheduledTime) => {
      expect(tickSchema.safeParse({ scheduledTime }).success).toBe(false);
    },
  );
});
