// The only way a service changes: advance(service, state, event, now). Pure: replaying the same events gives the same
// states. Getting the same `state` object back means that nothing has to be written.
import { stopCascade, takeCascade, withCascaded } from '../dependencies/cascade.ts';
import { warnOfDependency } from '../dependencies/dependency-warning.ts';
import type { Cancelled, Probed, Requested, ServiceEvent } from '../model/events.ts';
import { HAND_AGAIN_AFTER_MS, type Intent } from '../model/intents.ts';
import type { Verdict } from '../model/observation.ts';
import type { Service } from '../model/service.ts';
import { runningRestart, type State } from '../model/state.ts';
import { type Context, refused, type Step, strikeOff, unchanged, withState } from '../model/step.ts';
import { restartsInWindow } from '../restart/backoff.ts';
import { requestsCounted } from '../restart/restart-drain.ts';
import { nextRung } from '../restart/restart-guards.ts';
import { restartTicked, takeReport } from '../restart/restart-machine.ts';
import { orderRestart, withLook } from '../restart/restart-order.ts';
import { takeBackByPerson } from '../restart/restart-undo.ts';
import { assertNever } from '../result.ts';
import { takeAcknowledgement } from './acknowledge.ts';
import { withChange } from './changed.ts';
import { countVerdict } from './count-verdict.ts';
import { takeTrend } from './early-warning.ts';
import { takeHalf } from './half-done.ts';
import { endPause, paused, resumed } from './pause.ts';
import { endFlapping } from './steady.ts';
import { isSteady } from './tally.ts';

/** `now` is epoch ms. Intents in the answer are to be handed over now; those in the state are pending. */
export const advance = (service: Service, state: State, event: ServiceEvent, now: number): Step =>
  withChange(state, advanced({ service, now }, state, event));

function advanced(context: Context, state: State, event: ServiceEvent): Step {
  switch (event.kind) {
    case 'probed':
      return probed(context, state, event);
    case 'ticked':
      return ticked(context, state, event.jitter);
    case 'requested':
      return requested(context, state, event);
    case 'cancelled':
      return cancelled(context, state, event);
    case 'paused':
      return paused(context, state, event);
    case 'resumed':
      return resumed(context, state, event);
    case 'acknowledged':
      return takeAcknowledgement(context, state, event);
    case 'drained':
      return requestsCounted(context, state, event);
    case 'cascaded':
      return takeCascade(context, state, event);
    case 'dependency_down':
      return warnOfDependency(context, state, event);
    case 'trend':
      return takeTrend(context, state, event);
    case 'reported':
      return takeReport(context, state, event);
    case 'claimed':
      return unchanged(claim(state, event.intentIds, event.until, context.now));
    case 'carried_out':
      return unchanged(strikeOff(state, (intent) => event.intentIds.includes(intent.id)));
    case 'half_done':
      return unchanged(takeHalf(state, event, context.now));
    default:
      return assertNever(event);
  }
}

/** Rules 1 and 2: `unknown`, and a beat that is not newer than the last one counted, decide nothing. */
function probed(context: Context, before: State, event: Probed): Step {
  const state = strikeOff(before, (intent) => intent.id === event.intentId);
  const { beat, observation } = event;
  if (observation.verdict === 'unknown' || beat <= state.lastBeat || isHasty(context, state, event))
    return unsettled(context, state, event);
  const calm = runningRestart(state) ? unchanged(state) : endPause(context, state);
  const step = withIntents(countVerdict(context, calm.state, event), calm.intents);
  if (step.state !== calm.state || !event.asked) return step;
  return withState(step, { lastBeat: beat, last: { beat, ...observation } });
}

/**
 * People may ask for as many looks as they like: only looks an interval apart count, or asking would cause a restart.
 */
const isHasty = ({ service }: Context, { lastBeat }: State, { asked, beat }: Probed): boolean =>
  asked === true && beat - lastBeat < service.probe.intervalSeconds * 1000;

/**
 * A look that settled nothing: what a person asked for is shown, and a verification that waits for one gets another.
 */
function unsettled(context: Context, state: State, { beat, observation, asked, intentId }: Probed): Step {
  const shown = asked && beat > (state.last?.beat ?? 0) ? { ...state, last: { beat, ...observation } } : state;
  const waits = intentId !== undefined && state.restart?.phase === 'verifying';
  const isAsked = state.intents.some((intent) => intent.kind === 'probe');
  return waits && !isAsked ? withLook(context, unchanged(shown), context.now + 5_000) : unchanged(shown);
}

/** Whether time alone changes nothing about a service: then the event `ticked` can be skipped. */
export const isAtRest = (state: State): boolean =>
  state.flapping === undefined &&
  state.paused?.until === undefined &&
  state.intents.length === 0 &&
  runningRestart(state) === undefined;

/**
 * Whether neither this verdict nor time changes anything about a service, as is usual: then `advance` can be skipped.
 */
export const isUnmoved = (state: State, verdict: Verdict): boolean =>
  verdict === 'up' && isSteady(state) && isAtRest(state);

function ticked(context: Context, state: State, jitter: number): Step {
  const back = endPause(context, state);
  const calm = endFlapping(context, back.state);
  const restarted = restartTicked(context, calm.state, jitter);
  const step = withIntents(restarted, [...back.intents, ...calm.intents]);
  if (step.state.intents.length === 0) return step;
  const isOverdue = (intent: Intent) =>
    !step.intents.includes(intent) &&
    context.now >= Math.max(intent.handedAt + HAND_AGAIN_AFTER_MS, intent.claimedUntil ?? 0, dueTime(intent));
  const again = step.state.intents.filter(isOverdue).map((intent) => ({ ...intent, handedAt: context.now }));
  if (again.length === 0) return step;
  const intents = step.state.intents.map((intent) => again.find(({ id }) => id === intent.id) ?? intent);
  return withState({ ...step, intents: [...step.intents, ...again] }, { intents });
}

const withIntents = (step: Step, before: readonly Intent[]): Step =>
  before.length === 0 ? step : { ...step, intents: [...before, ...step.intents] };

/** A look that is not due yet waits in its queue and is not late. */
const dueTime = (intent: Intent): number => (intent.kind === 'probe' ? intent.dueAt + HAND_AGAIN_AFTER_MS : 0);

function requested(context: Context, state: State, asked: Requested): Step {
  const { by, reason, force, mode, drainSeconds, cascade, cascadeOf } = asked;
  if (cascadeOf !== undefined && state.cascadedBy?.includes(cascadeOf)) return unchanged(state); // ordered already
  const { maxRestarts, windowSeconds, reload } = context.service.restart;
  const rung = mode === 'reload' ? reload && { step: reload, stepIndex: 0 } : nextRung(context.service, state);
  const running = runningRestart(state);
  if (running) return refused(state, 'RESTART_001', `restart ${running.id} is under way (${running.phase})`);
  if (state.cascade) return refused(state, 'RESTART_001', 'the restart of what depends on it is under way');
  if (!rung)
    return mode === 'reload' ? refused(state, 'NO_RELOAD', NO_RELOAD) : refused(state, 'NO_RESTART_STEPS', NO_STEPS);
  if (!force && restartsInWindow(context.service.restart, state.restartTimes, context.now) >= maxRestarts)
    return refused(
      state,
      'RESTART_LIMIT',
      `the limit of ${maxRestarts} restarts in ${windowSeconds} s is used up; ask with "force": true to go past it`,
    );
  const free = state.incident && { ...state.incident, handsOff: undefined };
  const noted = cascadeOf === undefined ? {} : withCascaded(state, cascadeOf);
  return orderRestart(context, unchanged({ ...state, ...noted, incident: free }), {
    ...rung,
    trigger: 'manual',
    by,
    reason,
    force,
    ...{ mode, drainSeconds, cascade, cascadeOf },
  });
}

const NO_STEPS = 'the service has no restart steps; register some under restart.steps';
const NO_RELOAD = 'the service cannot be reloaded; register a step under restart.reload';

function cancelled(context: Context, state: State, event: Cancelled): Step {
  const { by } = event;
  const restart = runningRestart(state);
  // Whoever cancels a restart of the service while its dependents are being restarted wants both to end.
  if (restart && (restart.phase === 'preparing' || restart.cancelledBy !== undefined))
    return endCascade(context, takeBackByPerson(context, state, restart, event), by);
  if (state.cascade && !restart) return endCascade(context, unchanged(state), by);
  return refused(
    state,
    'RESTART_002',
    restart
      ? `it is ${restart.phase}: a restart can be cancelled while it is preparing, and not later`
      : 'no restart is under way',
  );
}

function endCascade(context: Context, step: Step, by: string): Step {
  const { cascade } = step.state;
  if (!cascade) return step;
  const stopped = stopCascade(context, step.state, cascade, `cancelled by ${by}`);
  return withIntents(stopped, step.intents);
}

/** Marks intents as being carried out, except those that another invocation is carrying out. */
function claim(state: State, intentIds: readonly string[], until: number, now: number): State {
  const isMine = (intent: Intent) => intentIds.includes(intent.id) && now >= (intent.claimedUntil ?? 0);
  if (!state.intents.some(isMine)) return state;
  return {
    ...state,
    intents: state.intents.map((intent) => (isMine(intent) ? { ...intent, claimedUntil: until } : intent)),
  };
}
