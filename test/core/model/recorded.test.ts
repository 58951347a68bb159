// What is kept of a past: when it was being restarted, and verdicts as a longer interval would have seen them.
import { describe, expect, it } from 'vitest';

import { restartSpans, thinned } from '../../../lambdas/core/model/recorded.ts';
import type { RecordKind, TimelineRecord } from '../../../lambdas/core/model/timeline.ts';
import { recorded } from '../../make/recorded.ts';
import { makeRestart, makeState, T0 } from '../../make/state.ts';

const ended = (kind: RecordKind, at: number, details?: TimelineRecord['details']): TimelineRecord => ({
  ...{ kind, at, details, level: 'info', message: '', action: 'restart' },
  ...{ intentId: 'i1', tenant: 'default', id: 'billing-api' },
});

describe('the restarts of a past', () => {
  it('last from their order to their end; those that were taken back or held were none', () => {
    const spans = restartSpans(
      [
        ended('restart_completed', T0 + 90, { orderedAt: T0 + 50 }),
        ended('restart_cancelled', T0 + 40, { orderedAt: T0 + 30 }),
        ended('restart_held', T0 + 29, { orderedAt: T0 + 28 }),
        ended('restart_failed', T0 + 20, { orderedAt: T0 }),
      ],
      makeState(),
      T0 + 100,
    );
    expect(spans).toEqual([
      { from: T0 + 50, to: T0 + 90 },
      { from: T0, to: T0 + 20 },
    ]);
  });

  it('are known by their end alone where an older version kept no more', () => {
    const all = [ended('restart_completed', T0 + 9), ended('restart_failed', T0 + 5, { orderedAt: 'early' })];
    expect(restartSpans(all, makeState(), T0 + 10)).toEqual([
      { from: T0 + 9, to: T0 + 9 },
      { from: T0 + 5, to: T0 + 5 },
    ]);
  });

  it('go on until now where one is under way', () => {
    const running = makeRestart({ phase: 'verifying', orderedAt: T0 + 3 });
    expect(restartSpans([], makeState({ restart: running }), T0 + 10)).toEqual([{ from: T0 + 3, to: T0 + 10 }]);
    const over = makeRestart({ phase: 'completed', orderedAt: T0 + 3 });
    expect(restartSpans([], makeState({ restart: over }), T0 + 10)).toEqual([]);
  });
});

describe('verdicts seen less often', () => {
  const minutes = (seconds: number, everySeconds = 60) =>
    thinned(recorded('up 12', { everySeconds }), seconds).map(({ beat }) => (beat - T0) / 1000);

  it.each([
    [60, 60, [0, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 660]],
    [120, 60, [0, 120, 240, 360, 480, 600]],
    [90, 60, [0, 120, 180, 300, 360, 480, 540, 660]],
    [300, 60, [0, 300, 600]],
    [30, 10, [0, 30, 60, 90]],
    [10, 60, [0, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 660]],
  ])('every %i s of every %i s are those at %j', (seconds, everySeconds, expected) => {
    expect(minutes(seconds, everySeconds)).toEqual(expected);
  });
});
