// What a hook has done before a step that was not sent is undone by the hook after it, whatever ended the restart, and
// after the end of everything that was under way.
import type { RestartStep } from '../../../lambdas/core/model/restart-spec.ts';
import { SsmBackend } from '../world/backends/ssm.ts';
import type { World } from '../world/world.ts';
import { labelOf } from './act-track.ts';
import type { Commit, Invariant } from './invariant.ts';
import type { Order } from './watched.ts';

/**
 * Whether the step may have been sent, as far as its writer could know. A step that SSM or ECS refused was not; once
 * the restart is being taken back, a refusal is about an act of the way back.
 */
export const mayBeSent = ({ acts, sentAt }: Order, { invocation, wasRunning }: Commit): boolean => {
  const isRefused = invocation.memory.hopeless !== undefined && wasRunning?.phase !== 'recovering';
  return sentAt.length > 0 || (acts.isClaimed(acts.labelOfKind('restart')) && !isRefused);
};

/** How the command of an act has really ended; both hooks are on the same hosts. */
function resultOf({ restarters }: World, hook: RestartStep | undefined, orderId: string): string | undefined {
  const backend = hook && restarters.backendOf(hook);
  return backend instanceof SsmBackend ? backend.resultOf(orderId) : undefined;
}

export const undone: Invariant = {
  name: 'what was done before a step that was not sent is undone',
  onCommit(commit, check, world) {
    const { wasRunning, ended, watched } = commit;
    const order = ended && watched.orderOf(ended.id);
    if (!wasRunning || !order) return;
    const { plan } = order.acts;
    if (!plan.includes('before') || !plan.includes('after') || mayBeSent(order, commit)) return;
    const hook = wasRunning.acts.find(({ kind }) => kind === 'after')?.step;
    if (wasRunning.phase !== 'recovering') {
      const result = resultOf(world, hook, `${order.id}-a0`) ?? 'not sent';
      check(
        wasRunning.actIndex === 0 && ['not sent', 'failed'].includes(result),
        () =>
          `${order.id} ended before its step (${ended?.outcome}), its hook ${result}, and no hook after it followed`,
      );
    } else if (ended?.phase === 'cancelled') {
      const result = resultOf(world, hook, `${order.id}-r0`);
      check(result === 'success', () => `${order.id} is cancelled, and what undoes it is ${result ?? 'not sent'}`);
    }
  },
  onSent({ watched, order, step }, check, world) {
    const known = watched.orderOf(order.restartId);
    const label = labelOf(order.restartId);
    const kind = known?.acts.kindOf(label);
    if (!known) return;
    if (kind === 'restart')
      check(!known.acts.isLeft, () => `${order.restartId} was sent after what came before it was undone`);
    if (kind !== 'after' || !label.startsWith('r')) return;
    const running = known.acts.plan.filter((_, at) => resultOf(world, step, `${known.id}-a${at}`) === 'running');
    check(running.length === 0, () => `${order.restartId} was sent while ${running.join(', ')} of it ran`);
  },
};
