// Whether, when and how people are alerted that a service is down or degraded.
import type { Probed } from '../model/events.ts';
import { failedDependency } from '../model/fleet.ts';
import type { HeldReason } from '../model/noise.ts';
import { type Incident, isPaused, runningRestart, type State } from '../model/state.ts';
import { type Context, type Step, withState } from '../model/step.ts';
import { WAITING } from '../restart/restart-guards.ts';
import { countOpening, isLasting, type OpeningLevel } from './flapping.ts';
import { withHeldBack } from './held-back.ts';
import { isLoud, withAlert } from './incident.ts';
import { failureTypeOf, wordsFor } from './seen.ts';

/**
 * Alerts people that the service is down, unless it is part of a larger outage, whose alert covers it, or is paused. In
 * both cases people are told later if it is still down then.
 */
export function tellOutage(context: Context, step: Step, event: Probed, isNews: boolean): Step {
  const { incident } = step.state;
  if (!isNews || !incident || incident.handsOff === 'limit') return step; // the critical alert says it all
  const why = whyUntold(context, step.state, event);
  if (why && incident.untold && incident.heldBy) return step;
  if (why) return withHeldBack(step, { ...incident, untold: true }, context.service.alerts.enabled ? why : 'off');
  const isHealing = runningRestart(step.state) !== undefined;
  const message = wordsFor(event.observation);
  const level = isHealing || incident.held === WAITING ? 'warning' : 'error';
  const due = withState(step, { incident: dueNow(incident) });
  return withAlert(context, opening(context, due, incident.openedAt, level), {
    ...{ kind: 'unhealthy', level },
    failureType: failureTypeOf(event.observation),
    // So far the restart is only ordered: if the restarter finds that the service must not be touched, people are told
    // then.
    message: isHealing ? `${message}. A restart is ordered.` : `${message}. It is not restarted: ${incident.held}.`,
  });
}

/** Alerts people that the service is degraded; if it is paused, they are told after the pause, if it still is. */
export function tellDegraded(context: Context, step: Step): Step {
  const { incident } = step.state;
  const isSilent = isPaused(step.state, context.now);
  if (!incident || (isSilent && incident.untold && incident.heldBy)) return step; // it is counted already
  const { failureType, message } = incident;
  const alert = { kind: 'degraded', level: 'warning', failureType, message } as const;
  if (isSilent) return withAlertOrLater(context, step, alert);
  const due = withState(step, { incident: dueNow(incident) });
  return withAlert(context, opening(context, due, incident.openedAt, 'warning'), alert);
}

/** As `withAlert`; an alert that a pause holds back is sent when the pause is over. */
export function withAlertOrLater(context: Context, step: Step, alert: Parameters<typeof withAlert>[2]): Step {
  const told = withAlert(context, step, alert);
  const { incident } = told.state;
  const isKept = isPaused(step.state, context.now) && incident?.alerted.length === 0;
  return isKept ? withState(told, { incident: { ...incident, untold: true } }) : told;
}

const dueNow = ({ untold, ...incident }: Incident): Incident =>
  untold ? { ...incident, untold: undefined, toldLate: true } : incident;

/**
 * Whether people are still to be told of an incident: because it was put off, or because it was taken for one of the
 * ups and downs of a flapping service and is more than that.
 */
export const isOwed = (context: Context, { incident, flapping }: State): boolean =>
  incident !== undefined &&
  (incident.untold === true ||
    (incident.heldBy === 'flapping' && incident.alerted.length === 0 && (!flapping || isLasting(context, incident))));

/** Counts one more incident towards flapping, because it gets an alert of its own. */
const opening = (context: Context, step: Step, openedAt: number, level: OpeningLevel): Step =>
  isLoud(context, step.state, level) ? countOpening(context, step, openedAt, level) : step;

/** Why an outage gets no alert of its own now. */
function whyUntold({ now }: Context, state: State, { fleet }: Probed): HeldReason | undefined {
  if (isPaused(state, now)) return 'paused';
  if (failedDependency(fleet)) return 'folded';
  return fleet.storm === undefined ? undefined : 'storm';
}
