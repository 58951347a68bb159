// Bugs in what holds a service back because of others: its dependencies, cascades, a pause, and the slots.
import type { Mutation } from './mutation.ts';

const guards = 'lambdas/core/restart/restart-guards.ts';
const cascade = 'lambdas/core/dependencies/cascade.ts';
const slot = 'lambdas/restart/take-slot.ts';
const run = 'lambdas/restart/restart-run.ts';

export const standingOnMutations: readonly Mutation[] = [
  {
    bug: 'dependency guard left out',
    file: guards,
    from: 'if (dependency) return `it depends on ${dependency.service}, which is down`;',
    to: '',
  },
  {
    bug: 'dependency not asked again before a restart begins',
    file: run,
    from: 'await asNoted(ports, signal, watchDependencies(ports, signal))',
    to: 'await asNoted(ports, signal)',
  },
  {
    bug: 'a dependency that is being restarted counts as up',
    file: 'lambdas/flow/dependencies.ts',
    from: 'if (runningRestart(state)) return true;',
    to: 'if (runningRestart(state)) return false;',
  },
  {
    bug: 'a dependency that cannot be decoded blinds all that stand on it',
    file: 'lambdas/flow/dependency-graph.ts',
    from: 'if (!isPermanent(error)) throw error;',
    to: 'if (error !== undefined) throw error;',
  },
  {
    bug: 'people are told of every service behind one that is down',
    file: 'lambdas/core/health/tell-outage.ts',
    from: "if (failedDependency(fleet)) return 'folded';",
    to: '',
  },
  {
    bug: 'a pause does not hold restarts',
    file: guards,
    from: 'if (isPaused(state, now)) return `it is paused by ${state.paused?.by}`;',
    to: '',
  },
  {
    bug: 'people never hear of a restart that failed during a pause',
    file: 'lambdas/core/health/incident.ts',
    from: '...(isPaused(step.state, now) && { untold: true }),',
    to: '',
  },
  {
    bug: 'people are told of what is paused',
    file: 'lambdas/core/health/held-back.ts',
    from: "if (isPaused(state, now)) return 'paused';",
    to: '',
  },
  {
    bug: 'a pause never ends by itself',
    file: 'lambdas/core/model/state.ts',
    from: 'paused !== undefined && (paused.until === undefined || now < paused.until)',
    to: 'paused !== undefined && now > 0',
  },
  {
    bug: 'a pause that ends by itself leaves no line',
    file: 'lambdas/core/health/pause.ts',
    from: 'if (!pause || isPaused(state, context.now)) return unchanged(state);',
    to: 'if (!pause || isPaused(state, context.now)) return unchanged(state);\n  if (pause) return unchanged({ ...state, paused: undefined });',
  },
  {
    bug: 'a slot is never released',
    file: slot,
    from: 'await fleet.freeSlots(over, signal);',
    to: '',
  },
  {
    bug: 'one slot more than there are',
    file: slot,
    from: 'restart.force || !isFresh(restart) ? Infinity : maxRestarts',
    to: 'restart.force || !isFresh(restart) ? Infinity : maxRestarts + 1',
  },
  {
    bug: 'a slot is free while its restart is verified',
    file: slot,
    from: 'runningRestart(stored.state)?.id === restartId',
    to: "runningRestart(stored.state)?.id === restartId && stored.state.restart?.phase !== 'verifying'",
  },
  {
    bug: 'a cascade goes on before verification',
    file: cascade,
    from: "found.sights.every(({ outcome }) => outcome === 'done' || outcome === 'passed_over')",
    to: "found.sights.every(({ outcome }) => outcome !== 'waiting')",
  },
  {
    bug: 'a cascade follows a restart that was not verified',
    file: cascade,
    from: "if (restart.phase !== 'completed')",
    to: "if (restart.phase === 'cancelled')",
  },
  {
    bug: 'a cascade forgets whom it has ordered',
    file: 'lambdas/core/health/advance.ts',
    from: 'cascadeOf === undefined ? {} : withCascaded(state, cascadeOf)',
    to: '{}',
  },
];
