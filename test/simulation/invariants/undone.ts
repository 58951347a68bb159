// What a hook has done before a step that was not sent is undone by the hook after it, whatever ended the restart. Only a
// person who cancels it takes that upon himself.
import { labelOf } from './act-track.ts';
import type { Commit, Invariant } from './invariant.ts';
import type { Order } from './watched.ts';

/** Whether somebody may have sent the step for all that its writer could know. What SSM or ECS refused was not. */
const mayBeSent = ({ acts, sentAt }: Order, { invocation }: Commit): boolean =>
  sentAt.length > 0 || (acts.isClaimed(acts.labelOfKind('restart')) && invocation.memory.hopeless === undefined);

export const undone: Invariant = {
  name: 'what was done before a step that was not sent is undone',
  onCommit(commit, check) {
    const { wasRunning, ended, watched, invocation } = commit;
    const order = ended && watched.orderOf(ended.id);
    if (!wasRunning || !order || invocation.memory.wish?.kind === 'cancelled') return;
    const { plan } = order.acts;
    if (!plan.includes('before') || !plan.includes('after') || mayBeSent(order, commit)) return;
    check(
      wasRunning.phase === 'recovering' || wasRunning.actIndex === 0,
      () => `${order.id} ended before its step (${ended?.outcome}), and the hook after it did not follow`,
    );
  },
  onSent({ watched, order }, check) {
    const known = watched.orderOf(order.restartId);
    if (known?.acts.kindOf(labelOf(order.restartId)) !== 'restart') return;
    check(!known.acts.isLeft, () => `${order.restartId} was sent after what came before it was undone`);
  },
};
