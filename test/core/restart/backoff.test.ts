// How long the next restart waits.
import { describe, expect, it } from 'vitest';

import { backoffMs, restartsInWindow } from '../../../lambdas/core/restart/backoff.ts';
import { ecsStep, makeService } from '../../make/service.ts';
import { T0 } from '../../make/state.ts';

const { restart } = makeService({ restart: { steps: [ecsStep], backoffSeconds: 10, maxBackoffSeconds: 300 } });

describe('the backoff', () => {
  it.each([
    [0, 0, 5_000],
    [1, 0, 5_000],
    [1, 0.5, 7_500],
    [2, 0, 10_000],
    [3, 0, 20_000],
    [5, 0, 80_000],
    [6, 0, 150_000],
    [6, 0.999, 299_850],
    [100, 0, 150_000],
  ])('after restart %i in the window with jitter %f is %i ms', (restarts, jitter, expected) => {
    expect(backoffMs(restart, restarts, jitter)).toBe(expected);
  });
});

describe('the restarts in the window', () => {
  it('are those after its beginning, which is exclusive', () => {
    expect(restartsInWindow(restart, [T0 - 3_600_000, T0 - 3_599_999, T0], T0)).toBe(2);
  });
});
