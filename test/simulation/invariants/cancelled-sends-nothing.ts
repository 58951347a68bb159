// Once a person has cancelled a restart none of its acts is sent any more, but for one that somebody was already about to
// send; and only what has not been sent itself can be cancelled.
import { labelOf } from './act-track.ts';
import type { Invariant } from './invariant.ts';

export const cancelledSendsNothing: Invariant = {
  name: 'a cancelled restart sends nothing more',
  onCommit({ ended, wasRunning, watched, invocation }, check) {
    if (ended?.phase !== 'cancelled') return;
    if (invocation.memory.wish?.kind === 'cancelled')
      check(wasRunning?.phase === 'preparing', () => `${ended.id} was cancelled while it was ${wasRunning?.phase}`);
    check(watched.orderOf(ended.id)?.sentAt.length === 0, () => `${ended.id} was cancelled and had been sent`);
  },
  onSent({ watched, order, invocation }, check) {
    const known = watched.orderOf(order.restartId);
    if (!known?.acts.plan.length) return;
    check(
      !known.isCancelled || known.acts.isClaimedBy(labelOf(order.restartId), invocation),
      () => `${order.restartId} was sent after it was cancelled`,
    );
  },
};
