// AWS may refuse the step of a restart that was begun. Then nothing was sent, so it is held: an attempt that never was uses
// up neither the budget nor a step of the ladder.
import { HOST_GONE } from '../world/restarters.ts';
import type { Invariant } from './invariant.ts';

export const refusedOrders: Invariant = {
  name: 'a restart that AWS refuses to carry out is held, and has not failed',
  onCommit({ ended, isRunning, wasRunning, invocation }, check) {
    if (wasRunning?.acts[wasRunning.actIndex]?.kind !== 'restart') return;
    const isRefused = invocation.memory.hopeless === HOST_GONE;
    const failure = ended?.phase === 'failed' ? ended.outcome : isRunning?.failure;
    check(
      !isRefused || failure === undefined,
      () => `${wasRunning.id} has failed (${failure}), though nothing was sent`,
    );
  },
};
