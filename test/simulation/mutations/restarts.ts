// Bugs in when a restart is ordered, how it is sent, and when it counts as done.
import type { Mutation } from './mutation.ts';

const guards = 'lambdas/core/restart/restart-guards.ts';
const begin = 'lambdas/core/restart/restart-begin.ts';
const count = 'lambdas/core/health/count-verdict.ts';
const step = 'lambdas/restart/carry-out.ts';

export const restartMutations: readonly Mutation[] = [
  {
    bug: 'budget window half as long as said',
    file: 'lambdas/core/restart/backoff.ts',
    from: 'now - windowSeconds * 1000',
    to: 'now - windowSeconds * 500',
  },
  {
    bug: 'budget off by one',
    file: guards,
    from: 'restartsInWindow(service.restart, state.restartTimes, now) >= maxRestarts',
    to: 'restartsInWindow(service.restart, state.restartTimes, now) > maxRestarts',
  },
  {
    bug: 'budget counts when it was ordered, not when it was sent',
    file: begin,
    from: '[...restartTimes.slice(0, -1), at]',
    to: '[...restartTimes, at].slice(0, -1)',
  },
  {
    bug: 'backoff ignored',
    file: guards,
    from: "if (now < state.backoffUntil) return { kind: 'held', reason: WAITING };",
    to: '',
  },
  {
    bug: 'lease ignored: sent twice',
    file: begin,
    from: 'return restart.leaseUntil === undefined || now >= restart.leaseUntil;',
    to: 'return true;',
  },
  {
    bug: 'adoption skipped: sent again after a death',
    file: step,
    from: 'isFirst ? undefined : await ask(restarter.find(step, order, signal), mayBeSent(restart))',
    to: 'undefined',
  },
  {
    bug: 'hands-off conditions ignored when it is sent',
    file: step,
    from: 'const inspection = await inspect(run);',
    to: "const inspection = { ...(await inspect(run)), kind: 'ready', identity: '' } as const;",
  },
  {
    bug: 'what was begun and not sent is sent late, wanted or not',
    file: step,
    from: 'if (found === undefined && !isFirst && !(await isStillWanted(run, fleet))) return;',
    to: '',
  },
  {
    bug: 'verification without successThreshold',
    file: count,
    from: 'counted.answers < service.policy.successThreshold',
    to: 'counted.answers < 1',
  },
  { bug: 'warm-up ignored', file: count, from: ' || beat < restart.holdUntil)', to: ')' },
  {
    bug: 'verification given up too soon',
    file: 'lambdas/core/restart/restart-machine.ts',
    from: 'if (now >= restart.deadlineAt) {',
    to: 'if (now >= restart.deadlineAt - 5_000) {',
  },
  {
    bug: 'what AWS refuses has failed',
    file: 'lambdas/restart/restart-step.ts',
    from: 'if (error.isRefusal) await',
    to: "if (error.message === '') await",
  },
  {
    bug: 'a verification that nobody could look at fails at its deadline',
    file: 'lambdas/core/restart/restart-verify.ts',
    from: 'if (now < looksUntil(restart))',
    to: 'if (now < deadlineAt)',
  },
  {
    bug: 'a restart fails at its deadline though it answers',
    file: 'lambdas/core/restart/restart-verify.ts',
    from: 'const isAnswering = answers > 0;',
    to: 'const isAnswering = answers > 0 && lastBeat >= deadlineAt;',
  },
  {
    bug: 'restarted again after a person cancelled it',
    file: 'lambdas/core/restart/restart-endings.ts',
    from: "handsOff: 'cancelled' }",
    to: 'handsOff: undefined }',
  },
];
