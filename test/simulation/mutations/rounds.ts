// Bugs in how unhealthy tasks of an ECS service are stopped: which, how many at once, and when the next ones are.
import type { Mutation } from './mutation.ts';

const core = 'lambdas/core/restart/stop-rounds.ts';
const rounds = 'lambdas/adapters/ecs-stop-rounds.ts';

export const roundMutations: readonly Mutation[] = [
  { bug: 'healthy tasks are stopped too', file: core, from: "healthStatus === 'UNHEALTHY'", to: "healthStatus !== ''" },
  {
    bug: 'more tasks are stopped at once than a round has',
    file: core,
    from: 'const ROUND = 10;',
    to: 'const ROUND = 11;',
  },
  {
    bug: 'the next round does not wait until the last one is replaced',
    file: rounds,
    from: 'return service.runningCount >= service.desiredCount',
    to: 'return service.runningCount >= 0',
  },
  {
    bug: 'tasks that still stop are not waited for',
    file: rounds,
    from: '!hasStopped(task));',
    to: "!hasStopped(task) && task.taskArn === '');",
  },
  {
    bug: 'what a restart has put there is stopped by it again',
    file: core,
    from: '.filter(({ startedAt }) => Number(startedAt) < begunAt)',
    to: '.filter(({ startedAt }) => Number(startedAt) > 0 && begunAt > 0)',
  },
  {
    bug: 'two invocations that look at once each stop a round',
    file: rounds,
    from: 'if (stoppedNow.some(',
    to: 'if (!isWhole && stoppedNow.some(',
  },
  {
    bug: 'later rounds are forgotten',
    file: rounds,
    from: 'const whole = more.length > 0 ?',
    to: 'const whole = more.length > Infinity ?',
  },
  {
    bug: 'stopping ends after the first round',
    file: core,
    from: 'if (left.length > 0 && most > 0)',
    to: 'if (left.length > 0 && most < 0)',
  },
];
