// One order is sent once, whichever invocation dies on the way, and whichever answer is lost.
import type { Invariant } from './invariant.ts';

export const sentOnce: Invariant = {
  name: 'one order is sent once',
  onSent({ watched, order }, check) {
    const sent = watched.orderOf(order.restartId)?.sentIds.filter((id) => id === order.restartId).length;
    check(sent === 1, () => `${order.restartId} was sent ${sent} times`);
  },
};
