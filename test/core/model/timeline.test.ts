// Which records make up the restart history.
import { describe, expect, it } from 'vitest';

import { endsRestart, recordKinds } from '../../../lambdas/core/model/timeline.ts';

describe('the restart history', () => {
  it('holds the ends of restarts and nothing else', () => {
    expect(recordKinds.filter(endsRestart)).toEqual(['restart_completed', 'restart_failed', 'restart_cancelled']);
  });
});
