// Bugs in what holds restarts back from around a service.
import type { Mutation } from './mutation.ts';

const guards = 'lambdas/core/restart/restart-guards.ts';
const storm = 'lambdas/core/health/storm.ts';

export const aroundMutations: readonly Mutation[] = [
  {
    bug: "the fleet's switch ignored",
    file: guards,
    from: "if (!around.restartsOn) return 'automatic restarts are off for the fleet';",
    to: '',
  },
  {
    bug: 'observe mode restarts',
    file: guards,
    from: "if (mode === 'observe' || !rung)",
    to: 'if (!rung)',
  },
  { bug: 'storm guard ignored', file: guards, from: 'return around.storm;', to: 'return undefined;' },
  {
    bug: 'storm guard open again before the cooldown is over',
    file: storm,
    from: 'now - lastSeenAt < rules.cooldownMs',
    to: 'now - lastSeenAt < rules.cooldownMs / 3',
  },
  {
    bug: 'nobody is told that a storm is over',
    file: storm,
    from: "endedAt === undefined ? undefined : 'storm_over'",
    to: 'endedAt === undefined ? undefined : undefined',
  },
  {
    bug: 'what was part of a storm is never told of',
    file: 'lambdas/core/health/count-verdict.ts',
    from: 'event, state.incident?.untold === true)',
    to: 'event, false)',
  },
];
