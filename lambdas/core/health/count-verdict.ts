// What a verdict does to a service: counters first, health from the counters, and consequences from the change.
import type { Probed } from '../model/events.ts';
import { failedDependency } from '../model/fleet.ts';
import type { HeldReason } from '../model/noise.ts';
import type { Observation } from '../model/observation.ts';
import type { Service } from '../model/service.ts';
import { type Health, isPaused, type Restart, runningRestart, type State } from '../model/state.ts';
import { type Context, type Step, unchanged, withState } from '../model/step.ts';
import type { FailureType } from '../model/timeline.ts';
import { completeRestart } from '../restart/restart-endings.ts';
import { judgeRestart, WAITING } from '../restart/restart-guards.ts';
import { orderRestart, wasRefused, withLook } from '../restart/restart-order.ts';
import { verifyEveryMs } from '../restart/restart-verify.ts';
import { durationText } from '../values/duration-text.ts';
import { countOpening } from './flapping.ts';
import { withHeldBack } from './held-back.ts';
import { closeIncident, isLoud, openIncident, withAlert, withHeld, withRecord } from './incident.ts';
import { goOnTelling } from './reminders.ts';

/** Counts a verdict that is newer than all before it and is not `unknown`. */
export function countVerdict(context: Context, before: State, event: Probed): Step {
  const restart = runningRestart(before);
  if (restart) return verdictDuringRestart(context, before, restart, event);
  // Most looks find what is well as it was.
  if (isSteady(before) && event.observation.verdict === 'up') return unchanged(before);
  return goOnTelling(context, settled(context, before, event), event);
}

function settled(context: Context, before: State, event: Probed): Step {
  const { service } = context;
  const { state, isNew } = tally(service, before, event);
  const health = healthAfter(service, state, event.observation);
  if (health && health !== before.health) return healthChanged(context, state, health, event);
  if (state.health === 'unhealthy' && event.observation.verdict === 'down')
    return tell(context, seekRestart(context, unchanged(state), event), event, isOwed(state));
  return unchanged(isNew ? state : before);
}

/** Healthy, with nothing counted: a further `up` moves no counter. */
const isSteady = ({ health, downs, slows, ups, answers }: State): boolean =>
  health === 'healthy' && downs + slows + ups + answers === 0;

/** The counters after this verdict, capped where more decides nothing; `isNew` when they moved. */
function tally(
  { policy, probe }: Service,
  state: State,
  { beat, observation }: Probed,
): { state: State; isNew: boolean } {
  const { verdict } = observation;
  const isAnswer = verdict !== 'down';
  const isWell = state.health === 'healthy' && verdict === 'up';
  const windowStart = beat - policy.window.of * probe.intervalSeconds * 1000;
  const oldDowns = state.downBeats.filter((at) => at > windowStart);
  const next = {
    downs: isAnswer ? 0 : state.downs + 1,
    slows: verdict === 'slow' ? Math.min(state.slows + 1, policy.failureThreshold) : 0,
    ups: verdict === 'up' && !isWell ? Math.min(state.ups + 1, policy.successThreshold) : 0,
    answers: isAnswer && !isWell ? Math.min(state.answers + 1, policy.successThreshold) : 0,
  };
  const isNew =
    next.downs !== state.downs ||
    next.slows !== state.slows ||
    next.ups !== state.ups ||
    next.answers !== state.answers;
  return {
    isNew,
    state: {
      ...state,
      ...next,
      // Old downs go when something is written anyway: forgetting them is not worth a write.
      downBeats: isAnswer ? oldDowns : [...oldDowns, beat].slice(-policy.window.of),
      failingSince: isAnswer ? undefined : (state.failingSince ?? beat),
      lastBeat: beat,
      last: { beat, ...observation },
      incident: state.incident && {
        ...state.incident,
        answersSince: isAnswer ? (state.incident.answersSince ?? beat) : undefined,
      },
    },
  };
}

type Settled = Exclude<Health, 'pending'>;

/** What the counters make of it; `undefined` when they do not suffice to say. */
function healthAfter({ policy }: Service, state: State, { verdict }: Observation): Settled | undefined {
  const { health, downs, slows, ups, answers, downBeats } = state;
  if (verdict === 'down') {
    const isFailing = downs >= policy.failureThreshold || downBeats.length >= policy.window.failures;
    return isFailing ? 'unhealthy' : undefined;
  }
  if (ups >= policy.successThreshold) return 'healthy';
  if (health === 'unhealthy') return answers >= policy.successThreshold ? 'degraded' : undefined;
  return slows >= policy.failureThreshold ? 'degraded' : undefined;
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
  return tell(context, seekRestart(context, recorded, event), event, true);
}

/**
 * Tells people that it is down, once it is theirs to know: what is part of a larger outage is told with that, and what
 * is paused is not told at all; both are told later if they are still down by then.
 */
function tell(context: Context, step: Step, event: Probed, isNews: boolean): Step {
  const { incident } = step.state;
  if (!isNews || !incident || incident.handsOff === 'limit') return step; // the critical alert says it all
  const why = whyUntold(context, step.state, event);
  if (why && incident.untold && incident.heldBy) return step;
  if (why) return withHeldBack(step, { ...incident, untold: true }, context.service.alerts.enabled ? why : 'off');
  const isHealing = runningRestart(step.state) !== undefined;
  const message = wordsFor(event.observation);
  const due = withState(step, { incident: { ...incident, untold: undefined } });
  return withAlert(context, opening(context, due, incident.openedAt), {
    kind: 'unhealthy',
    level: isHealing || incident.held === WAITING ? 'warning' : 'error',
    failureType: failureTypeOf(event.observation),
    message: isHealing ? `${message}. It is being restarted.` : `${message}. It is not restarted: ${incident.held}.`,
  });
}

/** Whether people are still to be told of an outage: it was put aside, or was one of the ups and downs of what flapped. */
const isOwed = ({ incident, flapping }: State): boolean =>
  incident?.untold === true || (incident?.heldBy === 'flapping' && !flapping && incident.alerted.length === 0);

/** One more of those that make a service flap, for it is told for itself. */
const opening = (context: Context, step: Step, openedAt: number): Step =>
  isLoud(context, step.state, 'warning') ? countOpening(context, step, openedAt) : step;

/** Why an outage is not told for itself now. */
function whyUntold({ now }: Context, state: State, { fleet }: Probed): HeldReason | undefined {
  if (isPaused(state, now)) return 'paused';
  if (failedDependency(fleet)) return 'folded';
  return fleet.storm === undefined ? undefined : 'storm';
}

/** The service is unhealthy and was seen down again: restart it, or note why not. */
function seekRestart(context: Context, step: Step, event: Probed): Step {
  const judged = judgeRestart(context, step.state, event.fleet);
  switch (judged.kind) {
    case 'go':
      return orderRestart(context, step, {
        ...judged.rung,
        trigger: 'automatic',
        by: 'lamplighter',
        reason: wordsFor(event.observation),
        force: false,
      });
    case 'off':
      return { ...step, state: withHeld(step.state, judged.reason) };
    case 'held':
      if (judged.reason !== WAITING) return heldWithRecord(context, step, judged.reason, 'restart_held');
      // Why the last order was held says more than that the next one waits.
      return wasRefused(step.state) ? step : { ...step, state: withHeld(step.state, WAITING) };
    case 'observe':
      return heldWithRecord(context, observed(context, step), judged.reason, 'restart_observed');
    case 'hands_off':
      return judged.isNews
        ? limitReached(context, step, judged.reason)
        : { ...step, state: withHeld(step.state, judged.reason) };
  }
}

/** Counts the incident, once, for observe mode's score. */
function observed({ now }: Context, step: Step): Step {
  const { incident, observed: score } = step.state;
  if (!incident || incident.wouldAt !== undefined) return step;
  return withState(step, { incident: { ...incident, wouldAt: now }, observed: { ...score, would: score.would + 1 } });
}

/** What ECS itself says of its tasks is told as that; all else is a look that failed. */
const failureTypeOf = ({ cause }: Observation): FailureType =>
  cause === 'container_stopped' || cause === 'container_error' ? cause : 'health_check_failed';

/** What was seen, for people. */
const wordsFor = ({ cause, message = cause }: Observation): string => message;

/** Notes the reason, and puts it into the timeline when it is a new one. */
function heldWithRecord(context: Context, step: Step, reason: string, kind: 'restart_held' | 'restart_observed'): Step {
  const state = withHeld(step.state, reason);
  if (state === step.state) return step;
  return withRecord(context, { ...step, state }, { kind, level: 'warning', message: reason, action: 'none' });
}

/** The budget is used up: one critical alert, and hands off. */
function limitReached(context: Context, step: Step, reason: string): Step {
  const held = withHeld(step.state, reason);
  const off = withState(
    { ...step, state: held },
    // What was kept back as part of something larger is told by this alert.
    { incident: held.incident && { ...held.incident, handsOff: 'limit', untold: undefined } },
  );
  const message = `It is down, and ${reason}. Somebody must look at it.`;
  const recorded = withRecord(context, off, {
    kind: 'limit_exceeded',
    level: 'critical',
    message,
    failureType: 'restart_limit_exceeded',
    action: 'none',
  });
  return withAlert(context, recorded, {
    kind: 'restart_limit_exceeded',
    level: 'critical',
    failureType: 'restart_limit_exceeded',
    message,
  });
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
  return withAlert(context, opening(context, recorded, context.now), {
    kind: 'degraded',
    level: 'warning',
    failureType,
    message,
  });
}

/**
 * A service that answers again, though not well, is out of its outage: that incident is closed, so that the next outage
 * is told of, and begins with the first step, however long the service stays degraded in between.
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

/** While a restart is under way verdicts are recorded; they decide only when it is to be verified and the warm-up is over. */
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
