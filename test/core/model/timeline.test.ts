// Which records make up the restart history.
import { describe, expect, it } from 'vitest';

import { endsRestart, recordKinds } from '../../../lambdas/core/model/timeline.ts';

describe('the restart history', () => {
  it('holds the ends of restarts and nothing else', () => {
    const ends = recordKinds.filter((kind) => endsRestart({ kind }));
    expect(ends).toEqual(['restart_completed', 'restart_failed', 'restart_cancelled']);
  });

  it('holds the orders that were held, and not that none was ordered', () => {
    const ofAnOrder = recordKinds.filter((kind) => endsRestart({ kind, restartId: 'rst-1' }));
    expect(ofAnOrder).toEqual(['restart_completed', 'restart_failed', 'restart_cancelled', 'restart_held']);
  });
});
