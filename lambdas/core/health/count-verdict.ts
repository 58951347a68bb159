// What a verdict does to a service: counters first, health from the counters, and consequences from the change.
import type { Probed } from '../model/events.ts';
import { type Restart, runningRestart, type State } from '../model/state.ts';
import { type Context, type Step, unchanged, withState } from '../model/step.ts';
import { completeRestart } from '../restart/restart-endings.ts';
import { withLook } from '../restart/restart-order.ts';
import { verifyEveryMs } from '../restart/restart-verify.ts';
import { durationText } from '../values/duration-text.ts';
import { closeIncident, openIncident, withRecord } from './incident.ts';
import { goOnTelling } from './reminders.ts';
import { seekRestart } from './seek-restart.ts';
import { failureTypeOf, wordsFor } from './seen.ts';
import { healthAfter, isSteady, type Settled, tally } from './tally.ts';
import { isOwed, tellDegraded, tellOutage } from './tell-outage.ts';

/** Counts a verdict that is newer than all before it and is not `unknown`. */
export function countVerdict(context: Context, before: State, event: Probed): Step {
  const restart = runningRestart(before);
  if (restart) return verdictDuringRestart(context, before, restart, event);
  // Most verdicts find a healthy service unchanged.
  if (isSteady(before) && event.observation.verdict === 'up') return unchanged(before);
  return goOnTelling(context, settled(context, before, event), event);
}

function settled(context: Context, before: State, event: Probed): Step {
  const { service } = context;
  const { state, isNew } = tally(service, before, event);
  const health = healthAfter(service, state, event.observation);
  if (health && health !== before.health) return healthChanged(context, state, health, event);
  if (state.health === 'unhealthy' && event.observation.verdict === 'down')
    return tellOutage(context, seekRestart(context, unchanged(state), event), event, isOwed(context, state));
  if (state.health === 'degraded' && event.observation.verdict === 'slow' && isOwed(context, state)) {
    const told = tellDegraded(context, unchanged(state));
    if (told.state !== state) return told;
  }
  return unchanged(isNew ? state : before);
}

function healthChanged(context: Context, counted: State, health: Settled, event: Probed): Step {
  const step = unchanged({ ...counted, health, healthSince: context.now });
  switch (health) {
    case 'unhealthy':
      return becameUnhealthy(context, step, event);
    case 'degraded':
      return becameDegraded(context, step, event);
    case 'healthy':
      return becameHealthy(context, step);
  }
}

function becameUnhealthy(context: Context, step: Step, event: Probed): Step {
  const message = wordsFor(event.observation);
  const failureType = failureTypeOf(event.observation);
  const opened = openIncident(context, step, failureType, message);
  const recorded = withRecord(context, opened, {
    kind: 'unhealthy',
    level: 'error',
    message,
    failureType,
    action: 'none',
    details: {
      cause: event.observation.cause,
      consecutiveFailures: step.state.downs,
      ...(step.state.failingSince !== undefined && { failingSince: step.state.failingSince }),
    },
  });
  return tellOutage(context, seekRestart(context, recorded, event), event, true);
}

function becameDegraded(context: Context, step: Step, { observation }: Probed): Step {
  const message = wordsFor(observation);
  const failureType = failureTypeOf(observation);
  const opened = openIncident(context, endOutage(context, step, message), failureType, message);
  const recorded = withRecord(context, opened, {
    kind: 'degraded',
    level: 'warning',
    message,
    failureType,
    action: 'alert',
    details: { cause: observation.cause },
  });
  return tellDegraded(context, recorded);
}

/**
 * A service that answers again, though not well, is out of its outage: that incident is closed, so that the next outage
 * raises an alert and begins with the first step, however long the service stays degraded in between.
 */
function endOutage(context: Context, step: Step, message: string): Step {
  const { incident } = step.state;
  if (!incident) return step;
  const settled = withState(step, { downs: 0, downBeats: [], failingSince: undefined });
  const downFor = durationText(context.now - incident.openedAt);
  return closeIncident(context, settled, incident, `It answers again after ${downFor}, but: ${message}`);
}

function becameHealthy(context: Context, step: Step): Step {
  const settled = withState(step, { ups: 0, answers: 0, slows: 0, downs: 0, downBeats: [], failingSince: undefined });
  const { incident } = settled.state;
  if (incident)
    return closeIncident(
      context,
      settled,
      incident,
      `Healthy again after ${durationText(context.now - incident.openedAt)}`,
    );
  return withRecord(context, settled, { kind: 'healthy', level: 'info', message: 'Healthy', action: 'none' });
}

/**
 * While a restart is under way verdicts are recorded; they decide only when it is to be verified and the warm-up is
 * over.
 */
function verdictDuringRestart(context: Context, before: State, restart: Restart, event: Probed): Step {
  const { service, now } = context;
  const { beat, observation } = event;
  const recorded: State = { ...before, lastBeat: beat, last: { beat, ...observation } };
  if (restart.phase !== 'verifying' || restart.holdUntil === undefined || beat < restart.holdUntil)
    return unchanged(recorded);
  const { state } = tally(service, { ...before, health: 'unhealthy' }, event);
  const counted: State = { ...state, health: before.health };
  if (counted.answers < service.policy.successThreshold)
    return withLook(context, unchanged(counted), now + verifyEveryMs(service));
  const isWell = counted.ups >= service.policy.successThreshold;
  const completed = completeRestart(context, unchanged(counted), restart, event.jitter);
  const health = isWell ? 'healthy' : 'degraded';
  if (health === counted.health) return completed;
  const changed = withState(completed, { health, healthSince: now });
  return isWell ? becameHealthy(context, changed) : becameDegraded(context, changed, event);
}
