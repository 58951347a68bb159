// Bugs in how verdicts count, and in what opens and closes an incident.
import type { Mutation } from './mutation.ts';

const advance = 'lambdas/core/health/advance.ts';
const tally = 'lambdas/core/health/tally.ts';

export const verdictMutations: readonly Mutation[] = [
  {
    bug: 'threshold off by one: unhealthy one down too early',
    file: tally,
    from: 'downs >= policy.failureThreshold',
    to: 'downs >= policy.failureThreshold - 1',
  },
  {
    bug: 'threshold off by one: unhealthy one down too late',
    file: tally,
    from: 'downs >= policy.failureThreshold',
    to: 'downs > policy.failureThreshold',
  },
  {
    bug: 'the window of downs is a beat too long',
    file: tally,
    from: 'beat - policy.window.of *',
    to: 'beat - (policy.window.of + 1) *',
  },
  { bug: 'unknown counted', file: advance, from: "observation.verdict === 'unknown' || ", to: '' },
  { bug: 'stale beat counted', file: advance, from: 'beat <= state.lastBeat || ', to: '' },
  {
    bug: 'looks that a backlog overtook are counted',
    file: 'lambdas/core/rounds/due.ts',
    from: 'now - beat >= Math.max(2 * intervalSeconds, LEAST_LATE_SECONDS) * 1000',
    to: 'now - beat >= Math.max(2 * intervalSeconds, LEAST_LATE_SECONDS) * Infinity',
  },
  { bug: 'looks of people counted, however many', file: advance, from: ' || isHasty(context, state, event))', to: ')' },
  {
    bug: 'healthy again without successThreshold',
    file: tally,
    from: 'if (ups >= policy.successThreshold) return',
    to: 'if (ups >= 1) return',
  },
  {
    bug: 'incident closed by the restart itself',
    file: 'lambdas/core/restart/restart-acts.ts',
    from: 'withState(step, { restart: verifying, ups: 0, answers: 0 })',
    to: 'withState(step, { restart: verifying, ups: 0, answers: 0, incident: undefined })',
  },
  {
    bug: 'why nothing is restarted is not noted',
    file: 'lambdas/core/health/incident.ts',
    from: 'return !incident || incident.held === held ? state',
    to: 'return incident || !incident ? state',
  },
];
