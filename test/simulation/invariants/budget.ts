// Rule 5: never more restarts really sent than the budget in any sliding window, except those that a person forced.
import { MAX_SKEW_MS } from '../world/clocks.ts';
import type { Invariant } from './invariant.ts';

export const budget: Invariant = {
  name: '5 the budget of restarts',
  onSent({ watched, order, at }, check) {
    const known = watched.orderOf(order.restartId);
    if (!known || known.isForced) return;
    const { maxRestarts, windowSeconds } = known;
    const from = at - windowSeconds * 1000 + 2 * MAX_SKEW_MS;
    const sent = watched.sentSince(from);
    check(sent <= maxRestarts, () => `${sent} restarts in ${windowSeconds} s, with a budget of ${maxRestarts}`);
  },
};
