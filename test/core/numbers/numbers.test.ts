import { describe, expect, it } from 'vitest';

import { neverHelped, uptimeOf } from '../../../lambdas/core/numbers/numbers.ts';
import { emptyRoll, type Roll } from '../../../lambdas/core/numbers/roll.ts';
import { numbersView } from '../../../lambdas/core/views/numbers-view.ts';

const roll = (change: Partial<Roll>): Roll => ({ ...emptyRoll, ...change });
const window = { from: 0, before: 3_600_000 };

describe('numbers', () => {
  it('say nothing of nothing, where a zero would be a lie', () => {
    expect(numbersView(emptyRoll, window)).toEqual({
      window: { from: '1970-01-01T00:00:00.000Z', until: '1970-01-01T01:00:00.000Z', hours: 1 },
      uptimePercent: null,
      verdicts: { up: 0, slow: 0, down: 0, unknown: 0 },
      latencyMs: { mean: null, p50: null, p90: null, p95: null, p99: null },
      incidents: {
        ...{ failures: 0, recovered: 0, downtimeSeconds: 0, mtbfSeconds: null, mttrSeconds: null },
        ...{ mttrWithRestartSeconds: null, mttrWithoutRestartSeconds: null, timeToDetectSeconds: null },
      },
      restarts: {
        ...{ completed: 0, failed: 0, relapsed: 0, successPercent: null, timeToHealSeconds: null },
        ...{ bySteps: [], neverHelped: [] },
      },
      alerts: { byLevel: { info: 0, warning: 0, error: 0, critical: 0 }, heldBack: {} },
      health: {},
    });
  });

  it('tell an outage without any answer from one in which nothing could be told', () => {
    expect(uptimeOf(roll({ counts: { 'verdict.down': 3 } }))).toBe(0);
    expect(uptimeOf(roll({ counts: { 'verdict.unknown': 3 } }))).toBeNull();
  });

  it('never come to less than no success: a relapse may be of a restart before the window', () => {
    const counts = { 'restart.1 ecs.failed': 1, 'restart.1 ecs.relapsed': 1 };
    expect(numbersView(roll({ counts }), window).restarts).toMatchObject({ relapsed: 1, successPercent: 0 });
    expect(numbersView(roll({ counts: { 'restart.1 ecs.relapsed': 1 } }), window).restarts.bySteps).toEqual([
      { step: 1, kind: 'ecs', completed: 0, failed: 0, relapsed: 1, successPercent: null },
    ]);
  });

  it('never come to less than no time between failures', () => {
    const counts = { failures: 1, downMs: 10, watchedMs: 5 };
    expect(numbersView(roll({ counts }), window).incidents.mtbfSeconds).toBe(0);
  });

  it('name those first whose restarts are most in vain', () => {
    const restarted = {
      'a#few': { ended: 1, lasting: 0 },
      'a#b': { ended: 2, lasting: 0 },
      'a#a': { ended: 2, lasting: -1 },
      'a#helped': { ended: 9, lasting: 1 },
      'a#relapse': { ended: 0, lasting: -1 },
    };
    expect(neverHelped(roll({ restarted })).map(({ service }) => service)).toEqual(['a#a', 'a#b', 'a#few']);
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`a#s${n}`, { ended: 1, lasting: 0 }]));
    expect(numbersView(roll({ restarted: many }), window).restarts.neverHelped).toHaveLength(50);
  });

  it('count alerts by level, and those that were held back by reason', () => {
    const counts = { 'alert.error': 2, 'held.flapping': 7 };
    expect(numbersView(roll({ counts }), window).alerts).toEqual({
      byLevel: { info: 0, warning: 0, error: 2, critical: 0 },
      heldBack: { flapping: 7 },
    });
  });
});
