// Bugs in what is done around a restart: hooks, the backup of the configuration, the wait for requests, the way back,
// and the ladder.
import type { Mutation } from './mutation.ts';

const acts = 'lambdas/core/restart/restart-acts.ts';
const machine = 'lambdas/core/restart/restart-machine.ts';
const plan = 'lambdas/core/restart/restart-plan.ts';
const step = 'lambdas/restart/carry-out.ts';
const undo = 'lambdas/core/restart/restart-undo.ts';

export const actMutations: readonly Mutation[] = [
  {
    bug: 'recovery skipped',
    file: acts,
    from: 'const way = hasChanged ? restart.recovery : ',
    to: 'const way = hasChanged ? [] : ',
  },
  {
    bug: 'what may have been sent is not taken back',
    file: acts,
    from: " || (failed.isInDoubt && kind === 'restart');",
    to: ';',
  },
  {
    bug: 'what was not sent is taken back',
    file: acts,
    from: 'const hasChanged = restart.restartHandle !== undefined',
    to: 'const hasChanged = restart.id !== undefined',
  },
  {
    bug: 'what was not touched is called unhealthy',
    file: acts,
    from: "const health = hasChanged ? 'unhealthy' : 'degraded';",
    to: "const health = 'unhealthy';",
  },
  {
    bug: 'a hook is not undone where an act behind it fails',
    file: acts,
    from: 'undoing ? [undoing] : []',
    to: '[]',
  },
  {
    bug: 'drain not waited for',
    file: 'lambdas/core/restart/restart-enter.ts',
    from: 'deadlineAt: now + waitMs }',
    to: 'deadlineAt: now }',
  },
  {
    bug: 'requests that cannot be counted are none',
    file: 'lambdas/core/restart/restart-drain.ts',
    from: 'if (event.active === 0) return goOn',
    to: 'if (!event.active) return goOn',
  },
  {
    bug: 'an act sent twice after a lost answer',
    file: step,
    from: 'const found = isFirst ? undefined :',
    to: "const found = isFirst || currentAct(mine).kind !== 'restart' ? undefined :",
  },
  {
    bug: 'a failed act before the restart ignored',
    file: machine,
    from: 'return isActing(restart) ? actFailed(context, state, restart, { ...report, jitter }) : unchanged(state);',
    to: "return restart.phase === 'preparing' ? nextAct(context, unchanged(state), restart, '', jitter) : actFailed(context, state, restart, { ...report, jitter });",
  },
  {
    bug: 'next step of the ladder not taken',
    file: 'lambdas/core/restart/restart-guards.ts',
    from: 'rungs[Math.min(incident?.restarts ?? 0, rungs.length - 1)]',
    to: 'rungs[0]',
  },
  {
    bug: 'the restore forgotten in the plan',
    file: plan,
    from: "const recovery = [act('restore', configuration?.restore), ",
    to: 'const recovery = [',
  },
  {
    bug: 'backup after the restart',
    file: plan,
    from: "    act('backup', configuration?.backup),\n    drain && !force && !isReload ? { kind: 'drain' as const } : undefined,\n    act('restart', step),",
    to: "    drain && !force && !isReload ? { kind: 'drain' as const } : undefined,\n    act('restart', step),\n    act('backup', configuration?.backup),",
  },
  {
    bug: 'a deployment of our own is taken for that of others',
    file: 'lambdas/core/restart/restart-progress.ts',
    from: 'isDeployment(currentStep(restart)) && {',
    to: 'isDeployment(currentStep(restart)) && isMain && false && {',
  },
  {
    bug: 'cancelled while it waits for requests',
    file: 'lambdas/core/health/advance.ts',
    from: "restart.phase === 'preparing' ||",
    to: "restart.phase === 'preparing' || restart.phase === 'waiting_requests' ||",
  },
  {
    bug: 'a hook is not undone where a person cancels behind it',
    file: undo,
    from: 'if (!undoing) return cancelRestart(context, unchanged(state), cancelled);',
    to: 'if (undoing || !undoing) return cancelRestart(context, unchanged(state), cancelled);',
  },
  {
    bug: 'a cancel forgets the hook that is under way',
    file: undo,
    from: 'isBegun ? { ...restart, actIndex: restart.actIndex + 1 } : restart',
    to: 'restart',
  },
  {
    bug: 'what undoes a cancelled restart overtakes what is under way',
    file: undo,
    from: 'if (!isBegun)',
    to: 'if (cancelled)',
  },
  {
    bug: 'an act is sent after all, though it was cancelled before anybody had sent it',
    file: 'lambdas/core/restart/restart-wanted.ts',
    from: 'if (isTakenBack(restart)) return undoCancelled(context, unchanged(strikeOff(state, isOrder)), restart);',
    to: '',
  },
  {
    bug: 'a cancelled restart goes on with its next act',
    file: acts,
    from: 'if (isTakenBack(restart)) return undoCancelled(context, step, { ...restart, actIndex });',
    to: '',
  },
  {
    bug: 'a hook of which nobody has heard is not undone',
    file: acts,
    from: 'failed.isInDoubt ? restart.actIndex + 1 : restart.actIndex;',
    to: 'restart.actIndex;',
  },
];
