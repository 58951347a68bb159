// A restart that was sent and did not help is taken back, if there is a way back: always, once, and never one that was
// not sent. Afterwards a configuration that was backed up is in place again.
import { SsmBackend } from '../world/backends/ssm.ts';
import type { Commit, Invariant } from './invariant.ts';
import type { Order } from './watched.ts';

/** How recent a probe must be for the verification to be judged by it, in ms. */
const BLIND_MS = 60_000;

/** Whether no probe saw it down at the end of its verification: then nothing is undone. */
function isBlind({ wasRunning, after }: Commit): boolean {
  if (wasRunning?.phase !== 'verifying') return false;
  const { holdUntil = 0, deadlineAt } = wasRunning;
  return after.last?.verdict !== 'down' || after.lastBeat < Math.max(holdUntil, deadlineAt - BLIND_MS);
}

/** Whether the configuration was really restored, so that it must be the one from before. */
function isPutBack({ wasRunning }: Commit, { id }: Order, world: Parameters<NonNullable<Invariant['onCommit']>>[2]) {
  const step = wasRunning?.acts.find(({ kind }) => kind === 'restore')?.step;
  const backend = step && world.restarters.backendOf(step);
  return backend instanceof SsmBackend && backend.resultOf(`${id}-r0`) === 'success';
}

export const takenBack: Invariant = {
  name: 'a restart in vain is taken back, once',
  onCommit(commit, check, world) {
    const { wasRunning, isRunning, ended, watched } = commit;
    const order = wasRunning && watched.orderOf(wasRunning.id);
    if (!order) return;
    const { acts, sentAt, id } = order;
    if (isRunning?.phase === 'recovering' && wasRunning.phase !== 'recovering' && acts.isLeft)
      check(sentAt.length === 0, () => `${id} is only undone, and was sent`);
    else if (isRunning?.phase === 'recovering' && wasRunning.phase !== 'recovering') {
      check(acts.recoveries === 0, () => `${id} is taken back a second time`);
      // The invocation that could send it may have died before anybody learned of it.
      const mayBeSent = sentAt.length > 0 || acts.isClaimed(acts.labelOfKind('restart'));
      check(mayBeSent, () => `${id} is taken back, and was never sent`);
    }
    if (ended?.phase !== 'failed') return;
    if (wasRunning.phase !== 'recovering')
      check(
        sentAt.length === 0 || acts.recovery.length === 0 || isBlind(commit),
        () => `${id} was sent, failed (${ended.outcome}), and ${acts.recovery.join(' and ')} did not follow`,
      );
    else if (isPutBack(commit, order, world))
      check(
        watched.service.configuration.version === acts.configuration,
        () => `${id} left configuration ${watched.service.configuration.version} and found ${acts.configuration}`,
      );
  },
};
