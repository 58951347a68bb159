// An incident that goes on leads to reminders at growing intervals, and to an escalation when nobody acknowledges it.
// Called at every verdict that is no better; the state changes only when a reminder or an escalation is due.
import type { Probed } from '../model/events.ts';
import { failedDependency } from '../model/fleet.ts';
import type { HeldReason } from '../model/noise.ts';
import { type Incident, isPaused, type State } from '../model/state.ts';
import { type Context, type Step, withState } from '../model/step.ts';
import { durationText } from '../values/duration-text.ts';
import { acknowledgedUntil } from './acknowledge.ts';
import { oneMoreHeld, whyQuiet, withHeldBack } from './held-back.ts';
import { isLoud, withAlert } from './incident.ts';

const MINUTE_MS = 60_000;
const LONGEST_MS = 24 * 60 * MINUTE_MS;

/** At most one of the two per verdict, and none together with an alert of another kind. */
export function goOnTelling(context: Context, step: Step, event: Probed): Step {
  const { incident } = step.state;
  if (!incident || !isStillBad(step, event) || step.intents.some(({ kind }) => kind === 'alert')) return step;
  if (incident.untold) return step;
  const seen = { lastBeat: event.beat, last: { beat: event.beat, ...event.observation } };
  if (isEscalationDue(context, step, incident)) {
    const why = whyNotEscalated(context, step.state, event);
    if (!why) return escalate(context, withState(step, seen), incident);
    if (!incident.escalationHeld) return withState(step, { ...seen, ...held(step.state, incident, why) });
  }
  if (isPaused(step.state, context.now) || whyPart(event)) return step;
  return isReminderDue(context, step, incident) ? remind(context, withState(step, seen), incident) : step;
}

/** A service that answers again must not be reported as still down. */
const isStillBad = ({ state: { health } }: Step, { observation: { verdict } }: Probed): boolean =>
  verdict === 'down' || (verdict === 'slow' && health === 'degraded');

/** Why a service that is part of a larger outage gets no reminder of its own. */
const whyPart = ({ fleet }: Probed): HeldReason | undefined =>
  failedDependency(fleet) ? 'folded' : fleet.storm === undefined ? undefined : 'storm';

/** When people could first have known of it. */
const toldAt = ({ toldAt: at, openedAt }: Incident): number => at ?? openedAt;

function isEscalationDue({ service, now }: Context, { state }: Step, incident: Incident): boolean {
  const { escalateAfterMinutes } = service.alerts;
  if (escalateAfterMinutes === 0 || state.health !== 'unhealthy') return false;
  if (now < acknowledgedUntil(incident) || incident.alerted.includes('escalation')) return false;
  return now >= toldAt(incident) + escalateAfterMinutes * MINUTE_MS;
}

/** Why an escalation that is due goes to nobody yet. */
const whyNotEscalated = (context: Context, state: State, event: Probed): HeldReason | undefined =>
  whyQuiet(context, state, 'critical') ?? whyPart(event);

/** Counted once for each incident, however often it is due. */
const held = (state: State, incident: Incident, why: HeldReason): Pick<State, 'heldBack' | 'incident'> => ({
  ...oneMoreHeld(state, why),
  incident: { ...incident, escalationHeld: true },
});

function escalate(context: Context, step: Step, incident: Incident): Step {
  const lasted = durationText(context.now - incident.openedAt);
  const wasTaken = incident.acknowledged !== undefined;
  return withAlert(context, step, {
    kind: 'escalation',
    level: 'critical',
    failureType: incident.failureType,
    message: `It is down for ${lasted}, and nobody has acknowledged it${wasTaken ? ' any more' : ''}.`,
  });
}

/** The first is due `remindAfterMinutes` after people were told; each later one after twice the wait before it. */
function isReminderDue(context: Context, { state }: Step, incident: Incident): boolean {
  const { remindAfterMinutes } = context.service.alerts;
  if (remindAfterMinutes === 0 || incident.alerted.length === 0) return false;
  if (!isLoud(context, state, levelOf(state))) return false;
  return context.now >= (incident.reminders?.nextAt ?? toldAt(incident) + remindAfterMinutes * MINUTE_MS);
}

const levelOf = ({ health }: Step['state']) => (health === 'degraded' ? 'warning' : 'error');

function remind(context: Context, step: Step, incident: Incident): Step {
  const { service, now } = context;
  const { restarts } = incident;
  const count = (incident.reminders?.count ?? 0) + 1;
  const until = acknowledgedUntil(incident);
  const isHeld = now < until;
  const next = now + Math.min(service.alerts.remindAfterMinutes * MINUTE_MS * 2 ** count, LONGEST_MS);
  // An acknowledgement that has expired makes the next reminder due.
  const nextAt = isHeld ? Math.min(next, until) : next;
  const reminded: Incident = { ...incident, reminders: { count, nextAt } };
  if (isHeld) return withHeldBack(step, reminded, 'acknowledged');
  const counted = withState(step, { incident: reminded });
  const tries = restarts === 1 ? '1 restart' : `${restarts === 0 ? 'no' : restarts} restarts`;
  const what = counted.state.health === 'degraded' ? 'degraded' : 'down';
  return withAlert(context, counted, {
    kind: 'reminder',
    number: count,
    level: levelOf(counted.state),
    failureType: incident.failureType,
    message: `Still ${what} after ${durationText(now - incident.openedAt)}, ${tries} tried.`,
  });
}
