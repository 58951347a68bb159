// What a restart does is fixed when it is ordered: its acts are carried out in that order, each after the end of the
// one before, and what really reaches the host is what the plan says.
import type { ActKind } from '../../../lambdas/core/model/state.ts';
import { type Remedy, remedyOf } from '../world/backends/remedy.ts';
import { labelOf } from './act-track.ts';
import type { Commit, Invariant } from './invariant.ts';

/** The remedies that an act of this kind may be on the host or in ECS. */
const remedies: Readonly<Record<ActKind, readonly Remedy[]>> = {
  before: ['before'],
  validate: ['validate'],
  backup: ['backup'],
  drain: [],
  restart: ['restart', 'redeploy', 'stop-tasks', 'rollback', 'reload'],
  after: ['after'],
  restore: ['restore'],
  rollback: ['rollback'],
};
const named = (acts: readonly { kind: ActKind }[]): string => acts.map(({ kind }) => kind).join(' ');

/** Whether an act may be left behind: what was sent has ended well; the wait for requests is judged elsewhere. */
function isDone({ wasRunning, invocation }: Commit): boolean {
  return wasRunning?.phase === 'waiting_requests' || invocation.memory.progress?.kind === 'changed';
}

export const actsInOrder: Invariant = {
  name: 'acts run in the planned order, each behind the one before',
  onCommit(commit, check) {
    const { wasRunning: was, isRunning: is, watched } = commit;
    const order = is && watched.orderOf(is.id);
    if (!was || !is || !order || was.id !== is.id) return;
    const { acts, sentAt } = order;
    const isBack = is.phase === 'recovering';
    const isUndone = isBack && sentAt.length === 0 && is.acts[0]?.kind === 'after';
    if (is.held !== undefined || isUndone) acts.leaves();
    const [plan, recovery] = [acts.plan.join(' '), acts.recovery.join(' ')];
    check(
      named(is.acts) === (isBack ? recovery : plan),
      () => `${is.id} is at ${named(is.acts)} of ${plan}/${recovery}`,
    );
    if (isBack && was.phase !== 'recovering')
      return check(is.actIndex === 0, () => `the way back of ${is.id} begins with act ${is.actIndex}`);
    const steps = is.actIndex - was.actIndex;
    check(
      steps === 0 || (steps === 1 && isDone(commit)),
      () => `${is.id} went from act ${was.actIndex} to ${is.actIndex}, which was not done`,
    );
  },
  onSent({ watched, order, step }, check) {
    const known = watched.orderOf(order.restartId);
    if (!known) return;
    const { acts, id, sentIds } = known;
    const label = labelOf(order.restartId);
    const kind = acts.kindOf(label);
    check(
      kind !== undefined && remedies[kind].includes(remedyOf(step)),
      () => `${order.restartId} is ${kind} by the plan, and ${remedyOf(step)} was sent`,
    );
    const earlier = [...Array(Number(label.slice(1))).keys()].map((index) => `${label.charAt(0)}${index}`);
    for (const one of earlier)
      check(
        acts.kindOf(one) === 'drain' || sentIds.includes(`${id}-${one}`) || acts.adopted.has(one),
        () => `${order.restartId} was sent, and ${one} before it never was`,
      );
  },
};
