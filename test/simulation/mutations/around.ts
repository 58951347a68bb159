// Bugs in what holds back restarts because of a service's surroundings.
import type { Mutation } from './mutation.ts';

const guards = 'lambdas/core/restart/restart-guards.ts';
const storm = 'lambdas/core/health/storm.ts';
const census = 'lambdas/core/health/census.ts';

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
    bug: 'storm guard late: asks for half as many failures again',
    file: storm,
    from: 'failing >= rules.least && failing >= rules.share * services',
    to: 'failing >= 1.5 * rules.least && failing >= rules.share * services',
  },
  {
    bug: 'storm guard late: lags one beat behind',
    file: 'lambdas/probe/probe-pack.ts',
    from: 'seen.has(stored) ? isFailing(stored.state, now, true) : isFailing',
    to: 'seen.has(stored) ? isFailing(stored.state, now) : isFailing',
  },
  {
    bug: 'storms of a project overlooked',
    file: census,
    from: '...(project === undefined ? [] : [`project ${project}`]),',
    to: '...(project === undefined ? [] : []),',
  },
  {
    bug: 'storms of a tag overlooked',
    file: census,
    from: '...Object.entries(tags).map(([name, value]) => `tag ${name}=${value}`),',
    to: '...(tags ? [] : []),',
  },
  {
    bug: 'storm told of twice',
    file: 'lambdas/alert/tell-storm.ts',
    from: 'if (ports.clock.now() < (storm.claimedUntil ?? 0))',
    to: 'if (ports.clock.now() < 0)',
  },
  {
    bug: 'nobody is told that a storm is over',
    file: storm,
    from: "overToldAt !== undefined ? undefined : 'storm_over'",
    to: 'endedAt === undefined ? undefined : undefined',
  },
  {
    bug: 'what was part of a storm is never told of',
    file: 'lambdas/core/health/count-verdict.ts',
    from: 'return tellOutage(context, seekRestart(context, unchanged(state), event), event, isOwed(context, state));',
    to: 'return seekRestart(context, unchanged(state), event);',
  },
];
