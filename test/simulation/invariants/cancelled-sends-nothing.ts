// Once a person has cancelled a restart, none of its acts is sent any more, except one that an invocation was already
// about to send, and the hook that undoes what was done before. It ends as cancelled by that person, and only a restart
// whose step was not sent can be cancelled.
import { labelOf } from './act-track.ts';
import type { Invariant } from './invariant.ts';

export const cancelledSendsNothing: Invariant = {
  name: 'a cancelled restart sends nothing more',
  onCommit({ ended, wasRunning, isRunning, watched, invocation, after }, check) {
    if (invocation.memory.wish?.kind === 'cancelled' && wasRunning && (ended ?? isRunning))
      check(wasRunning.phase === 'preparing', () => `${wasRunning.id} was cancelled while it was ${wasRunning.phase}`);
    if (!ended) return;
    const { sentAt, cancelledBy } = watched.orderOf(ended.id) ?? {};
    if (ended.phase === 'cancelled') check(sentAt?.length === 0, () => `${ended.id} was cancelled and had been sent`);
    if (cancelledBy === undefined) return;
    const isHis = ended.phase === 'cancelled' && ended.outcome === `cancelled by ${cancelledBy}`;
    const hasFailed = ended.phase === 'failed' && wasRunning?.phase === 'recovering';
    check(isHis || hasFailed, () => `${ended.id} was taken back by ${cancelledBy}, and ended as "${ended.outcome}"`);
    const isSaid = after.intents.some((one) => one.kind === 'record' && one.record.kind === 'restart_failed');
    check(isHis || isSaid, () => `what undoes ${ended.id} has failed, and nobody says so`);
  },
  onSent({ watched, order, invocation }, check) {
    const known = watched.orderOf(order.restartId);
    if (!known?.acts.plan.length) return;
    const label = labelOf(order.restartId);
    const isUndoing = known.acts.isLeft && label.startsWith('r') && known.acts.kindOf(label) === 'after';
    const isLeft = known.isCancelled || (known.cancelledBy !== undefined && !isUndoing);
    check(
      !isLeft || known.acts.isClaimedBy(label, invocation),
      () => `${order.restartId} was sent after it was cancelled`,
    );
  },
};
