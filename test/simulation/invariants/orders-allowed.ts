// Rule 3, as far as it exists: what an automatic restart needs, when it is ordered and again when it is sent.
import { MAX_SKEW_MS } from '../world/clocks.ts';
import { labelOf } from './act-track.ts';
import type { Commit, Invariant } from './invariant.ts';

/** The least time between the end of a restart and the next order, in ms. */
function leastBackoffMs({ watched, now }: Commit): number {
  const last = watched.orders.at(-1);
  if (!last?.endedAt || !last.endedWith || last.isCancelled) return 0;
  const { backoffSeconds, maxBackoffSeconds, windowSeconds } = last.endedWith.restart;
  const from = last.endedAt - windowSeconds * 1000 + 2 * MAX_SKEW_MS;
  const recent = watched.orders.filter(({ at, sentAt }) => sentAt.length > 0 && at > from && at <= now).length;
  return (Math.min(backoffSeconds * 2 ** (Math.max(1, recent) - 1), maxBackoffSeconds) * 1000) / 2;
}

export const ordersAllowed: Invariant = {
  name: '3 what a restart needs',
  onCommit(commit, check) {
    const { ordered, before, after, spec, invocation, verdict, wasRunning, watched, now } = commit;
    if (!ordered) return;
    check(wasRunning === undefined, () => `${ordered.id} was ordered while ${wasRunning?.id} was under way`);
    check(spec.restart.steps.length > 0, () => `${ordered.id} has no step`);
    if (ordered.trigger !== 'automatic') return;
    check(spec.restart.mode === 'on', () => `${ordered.id} was ordered in mode ${spec.restart.mode}`);
    check(
      invocation.memory.control?.restartsOn === true,
      () => `${ordered.id} was ordered with the fleet's switch off`,
    );
    check(commit.isCounted && verdict === 'down', () => `${ordered.id} was ordered after ${verdict}`);
    check(after.health === 'unhealthy', () => `${ordered.id} was ordered of a service that is ${after.health}`);
    check(before.incident?.handsOff === undefined, () => `${ordered.id} in spite of hands off`);
    const endedAt = watched.orders.at(-1)?.endedAt;
    const leastMs = leastBackoffMs(commit);
    if (endedAt !== undefined)
      check(
        now >= endedAt + leastMs - 2 * MAX_SKEW_MS,
        () => `${ordered.id} came ${now - endedAt} ms after the last one ended, and not after ${leastMs}`,
      );
  },
  onSent({ watched, order, invocation }, check) {
    const { inspection, control } = invocation.memory;
    const known = watched.orderOf(order.restartId);
    // A hook may be on its way while a person cancels: the invocation that could send it then still sends it.
    const isOnItsWay = known?.isCancelled && known.acts.isClaimedBy(labelOf(order.restartId), invocation);
    check(
      known !== undefined && (known.endedAt === undefined || isOnItsWay === true),
      () => `${order.restartId} was sent and is not under way`,
    );
    check(inspection?.kind === 'ready', () => `${order.restartId} was sent although it was ${inspection?.kind}`);
    // An invocation that takes over an order that may have been sent carries it on, whatever was switched off since.
    if (!known?.isAutomatic || known.begunBy !== invocation) return;
    check(control?.restartsOn === true, () => `${order.restartId} was sent with the fleet's switch off`);
  },
};
