// Bugs in deciding whether an ECS service has too few tasks: called down though nothing is missing, or not called down
// though something is.
import type { Mutation } from './mutation.ts';

const shortage = 'lambdas/core/judging/ecs-shortage.ts';
const judge = 'lambdas/core/judging/judge-ecs.ts';

export const ecsShortageMutations: readonly Mutation[] = [
  {
    bug: 'a service that is scaled out lacks what was scaled in before',
    file: shortage,
    from: 'ON_PURPOSE.test(stoppedReason);',
    to: 'ON_PURPOSE.test(stoppedReason) && false;',
  },
  {
    bug: 'a service that is scaled out lacks what was lost and replaced before',
    file: shortage,
    from: 'livedAt(stoppedAt) + unseen >= desired);',
    to: 'livedAt(stoppedAt) + unseen >= 1);',
  },
  {
    bug: 'a rollout whose tasks drain stands still',
    file: judge,
    from: " || primary?.rolloutState !== 'IN_PROGRESS' || state.stopping > 0)",
    to: " || primary?.rolloutState !== 'IN_PROGRESS')",
  },
  {
    bug: 'lost tasks are waited for without end',
    file: judge,
    from: 'belowMs > probe.graceSeconds * 1000',
    to: 'belowMs > probe.graceSeconds * Infinity',
  },
];
