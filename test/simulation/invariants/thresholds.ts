// Rule 2: unhealthy only after enough downs, and then without fail, or after a restart that was sent and failed; an
// incident ends only with verified answers.
import type { Commit, Invariant } from './invariant.ts';
import { mayBeSent } from './undone.ts';

/** Downs among the last beats, by the observer's own count. */
function downsInWindow({ watched, spec, invocation }: Commit): number {
  const beat = invocation.memory.errand?.beat ?? 0;
  const from = beat - spec.policy.window.of * spec.probe.intervalSeconds * 1000;
  return watched.downBeats.filter((at) => at > from).length;
}

export const thresholds: Invariant = {
  name: '2 thresholds; only verified answers close an incident',
  onCommit(commit, check) {
    const { watched, spec, before, after, wasRunning, isRunning, ended, isCounted, verdict } = commit;
    const { failureThreshold, successThreshold, window } = spec.policy;
    const { downRun, answerRun, upRun } = watched;
    if (after.health === 'unhealthy' && before.health !== 'unhealthy') {
      const byVerdicts =
        isCounted && verdict === 'down' && (downRun >= failureThreshold || downsInWindow(commit) >= window.failures);
      const order = ended?.phase === 'failed' ? watched.orderOf(ended.id) : undefined;
      check(
        byVerdicts || (order !== undefined && mayBeSent(order, commit)),
        () =>
          `unhealthy after ${downRun} of ${failureThreshold} downs, ${downsInWindow(commit)} of ${window.failures} in the window`,
      );
    }
    if (isCounted && verdict === 'down' && !wasRunning && !isRunning && downRun >= failureThreshold)
      check(after.health === 'unhealthy', () => `${downRun} downs in a row, and it is ${after.health}`);
    if (before.incident && before.incident.id !== after.incident?.id)
      check(
        isCounted && verdict !== 'down' && answerRun >= successThreshold,
        () => `${before.incident?.id} was closed after ${answerRun} of ${successThreshold} answers`,
      );
    if (after.health === 'healthy' && before.health !== 'healthy')
      check(
        isCounted && verdict === 'up' && upRun >= successThreshold,
        () => `healthy after ${upRun} of ${successThreshold} ups`,
      );
    if (before.health === 'unhealthy' && after.health === 'degraded')
      check(answerRun >= successThreshold, () => `degraded after ${answerRun} of ${successThreshold} answers`);
  },
};
