// Nothing is stopped while requests are under way, until none is left or the time to wait for them is up. A forced
// restart does not wait, and a number that cannot be counted is not zero.
import { MAX_SKEW_MS } from '../world/clocks.ts';
import { labelOf } from './act-track.ts';
import type { Invariant } from './invariant.ts';

export const drainedFirst: Invariant = {
  name: 'nothing is stopped before its requests have ended',
  onCommit({ wasRunning, isRunning, watched, invocation, now }, check) {
    if (wasRunning?.phase !== 'waiting_requests' || isRunning?.phase === 'waiting_requests') return;
    const { counted } = invocation.memory;
    const until = watched.orderOf(wasRunning.id)?.acts.drain?.until ?? Infinity;
    check(
      counted?.active === 0 || now >= until - 2 * MAX_SKEW_MS,
      () =>
        `${wasRunning.id} goes on with ${counted?.active ?? 'nobody knows how many'} requests, ${until - now} ms too soon`,
    );
  },
  onSent({ watched, order }, check) {
    const acts = watched.orderOf(order.restartId)?.acts;
    const isMain = acts?.kindOf(labelOf(order.restartId)) === 'restart';
    if (!isMain || !acts.plan.includes('drain')) return;
    check(
      acts.drain !== undefined && acts.isDrained,
      () => `${order.restartId} was sent, and requests were not awaited`,
    );
  },
};
