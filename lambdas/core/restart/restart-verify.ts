// How a restart is verified: how often the service is probed meanwhile, and what happens when the time is over.
// `unknown` is never `down`: a verification that could not look is extended for a while, and never ends in a rollback.
import type { Service } from '../model/service.ts';
import { type Restart, runningRestart, type State } from '../model/state.ts';
import { type Context, type Step, unchanged } from '../model/step.ts';
import { actFailed } from './restart-acts.ts';
import { failRestart } from './restart-endings.ts';

const EVERY_MS = 5_000;
/** How often a service that is being verified is looked at, in ms; a shorter interval of its own wins. */
export const verifyEveryMs = ({ probe }: Pick<Service, 'probe'>): number =>
  Math.min(EVERY_MS, probe.intervalSeconds * 1000);

/**
 * The shortest time in which a restart can be verified, in seconds: the first look comes when the warm-up is over, and
 * each next one so long after it. What the looks themselves take comes on top.
 */
export const leastVerifySeconds = (service: Service): number =>
  ((service.policy.successThreshold - 1) * verifyEveryMs(service)) / 1000;

/**
 * From when on (epoch ms) a heartbeat says something about the restarted instance: an earlier one would verify it at
 * once. Undefined if no restart is being verified, or if its time is too short to wait for the next heartbeat.
 */
export function heartbeatsFrom({ probe }: Service, state: State): number | undefined {
  const restart = runningRestart(state);
  if (probe.kind !== 'heartbeat' || restart?.phase !== 'verifying') return undefined;
  const { holdUntil = 0, deadlineAt, changedAt } = restart;
  return (probe.intervalSeconds + probe.graceSeconds) * 1000 <= deadlineAt - holdUntil ? changedAt : undefined;
}

/**
 * Without a verdict that counts for this long, nobody knows how the service is. Longer than the longest probe and its
 * queue.
 */
const BLIND_MS = 60_000;
/** How much longer than its own time a verification that cannot look goes on: twice that time, within these bounds. */
const LEAST_LONGER_MS = 60_000;
const MOST_LONGER_MS = 30 * 60_000;

/** Until when a verification that cannot look goes on, epoch ms. */
function looksUntil({ holdUntil = 0, deadlineAt }: Restart): number {
  return deadlineAt + Math.min(Math.max(2 * (deadlineAt - holdUntil), LEAST_LONGER_MS), MOST_LONGER_MS);
}

export const UNSEEN = 'could not be verified: nobody could look';

/** The time for verification is over. */
export function verificationOver(context: Context, state: State, restart: Restart, jitter: number): Step {
  const { now } = context;
  const { holdUntil = 0, deadlineAt } = restart;
  const { answers, lastBeat } = state;
  // The last probe got an answer; the next ones will show whether it stays so.
  const isAnswering = answers > 0;
  if (isAnswering && now - lastBeat < BLIND_MS) return unchanged(state);
  const isUnseen = isAnswering || lastBeat < Math.max(holdUntil, deadlineAt - BLIND_MS);
  if (!isUnseen)
    return actFailed(context, state, restart, { reason: 'the service did not become healthy in time', jitter });
  if (now < looksUntil(restart)) return unchanged(state);
  // Nobody saw it down: it is not rolled back, and a service that was healthy does not become unhealthy.
  return failRestart(context, unchanged(state), restart, { reason: UNSEEN, health: 'degraded', jitter });
}
