// Rule 4: while a restart is under way verdicts decide nothing until the instance has changed and the warm-up is over.
import { MAX_SKEW_MS } from '../world/clocks.ts';
import type { Invariant } from './invariant.ts';

export const underWay: Invariant = {
  name: '4 a restart under way decides alone',
  onCommit({ wasRunning, isRunning, ended, before, after, watched, spec, isCounted, verdict, invocation, now }, check) {
    if (wasRunning && isRunning) {
      check(wasRunning.id === isRunning.id, () => `${wasRunning.id} was replaced by ${isRunning.id} while under way`);
      check(before.health === after.health, () => `${before.health} became ${after.health} during ${wasRunning.id}`);
      check(before.incident?.id === after.incident?.id, () => `the incident changed during ${wasRunning.id}`);
      if (isRunning.phase === 'verifying' && wasRunning.phase !== 'verifying')
        check(invocation.memory.progress?.kind === 'changed', () => `${isRunning.id} is verified before it changed`);
    }
    if (wasRunning && !isRunning)
      check(ended !== undefined, () => `${wasRunning.id} vanished while it was ${wasRunning.phase}`);
    if (ended?.phase === 'completed') {
      const { successThreshold } = spec.policy;
      check(
        isCounted && verdict !== 'down' && watched.answerRun >= successThreshold,
        () => `${ended.id} was completed after ${watched.answerRun} of ${successThreshold} answers since its warm-up`,
      );
      const order = watched.orderOf(ended.id);
      const { handle } = ended;
      check(order !== undefined && handle !== undefined, () => `${ended.id} was completed and never sent`);
    }
    if (isRunning?.phase === 'recovering' && wasRunning?.phase === 'verifying')
      check(watched.answerRun === 0, () => `${isRunning.id} is taken back, though it was answering`);
    if (ended?.phase === 'failed' && wasRunning?.phase === 'verifying') {
      check(now >= wasRunning.deadlineAt, () => `${ended.id} failed before its time to be verified was over`);
      if (watched.verifiedAt >= watched.verifiesFrom && watched.answerRun === 0) return;
      // Nobody has probed, or not to the end: that is no fault of the service, and the verification must have been
      // extended.
      const longer = wasRunning.deadlineAt + 2 * spec.restart.verifyTimeoutSeconds * 1000 - 2 * MAX_SKEW_MS;
      check(now >= longer, () => `${ended.id} failed, though nobody could look, and was not waited for`);
      check(before.health === 'unhealthy' || after.health !== 'unhealthy', () => `${ended.id}: unseen, and unhealthy`);
    }
  },
};
