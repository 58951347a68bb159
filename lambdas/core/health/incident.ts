// Opening and closing incidents, and what people are told and what is recorded on the way.
import type { AlertBody, AlertKind } from '../model/intents.ts';
import type { AlertLevel } from '../model/service.ts';
import { type Incident, isPaused, type State } from '../model/state.ts';
import { type Context, type Step, withIntent, withState } from '../model/step.ts';
import type { FailureType, RecordBody } from '../model/timeline.ts';
import { durationText } from '../values/duration-text.ts';
import { shortHash } from '../values/hash.ts';
import { alertFacts } from './alert-facts.ts';
import { withToldError } from './flapping.ts';
import { whyHeld, whyQuiet, withHeldBack } from './held-back.ts';
import { oneMoreOwed } from './owed.ts';

/**
 * Opens an incident, or keeps the open one and updates what is known about it. People are told of one that begins
 * during a pause, for example by a restart that fails, when the pause is over.
 */
export function openIncident(context: Context, step: Step, failureType: FailureType, message: string): Step {
  const { incident, sequence } = step.state;
  if (incident) return withState(step, { incident: { ...incident, failureType, message } });
  const { service, now } = context;
  const opened: Incident = {
    id: `inc-${shortHash(service.tenant, service.id)}-${now.toString(36)}-${sequence}`,
    openedAt: now,
    failureType,
    message,
    alerted: [],
    restarts: 0,
    ...(isPaused(step.state, now) && { untold: true }),
  };
  return withState(step, { incident: opened, sequence: sequence + 1 });
}

/** Closes the incident with one notice, which reaches whoever was told that it had begun. */
export function closeIncident(context: Context, step: Step, incident: Incident, how: string): Step {
  const { now } = context;
  const aloneAfterMs = aloneAfter(incident, now);
  const message = aloneAfterMs === undefined ? how : `${how}. ${aloneText(aloneAfterMs)}`;
  const healed = incident.restarts > 0;
  const recorded = withRecord(context, step, {
    kind: 'recovered',
    level: 'info',
    message,
    failureType: incident.failureType,
    action: healed ? 'restart' : 'none',
    // It may have come back by itself behind a restart that failed.
    actionResult: healed && lastFailed(incident) ? 'failed' : 'success',
    resolvedAt: now,
    details: {
      downForMs: now - incident.openedAt,
      restarts: incident.restarts,
      ...(aloneAfterMs !== undefined && { wouldHaveRestarted: true, aloneAfterMs }),
    },
  });
  const closing = withAlert(context, recorded, {
    kind: 'recovered',
    level: healed ? 'warning' : 'info',
    failureType: healed ? 'auto_restart' : incident.failureType,
    message,
    resolvedAt: now,
  });
  return withState(closing, { incident: undefined, observed: scored(closing.state, incident, now) });
}

const lastFailed = ({ tried }: Incident): boolean => tried?.at(-1)?.outcome.startsWith('failed') === true;

/** A service that comes back by itself within this time would have been restarted needlessly. */
const ALONE_WITHIN_MS = 60_000;

/**
 * How long after the moment at which observe mode would have restarted it a service was back without that, in ms;
 * `undefined` where it would not have been restarted, or was. Back is when it was first seen to answer, not when that
 * was verified.
 */
function aloneAfter({ wouldAt, answersSince, restarts }: Incident, now: number): number | undefined {
  return wouldAt === undefined || restarts > 0 ? undefined : Math.max(0, (answersSince ?? now) - wouldAt);
}

/** Whether an incident that is over at `now` would have been restarted needlessly. */
export function cameBackAlone(incident: Incident, now: number): boolean {
  const after = aloneAfter(incident, now);
  return after !== undefined && after <= ALONE_WITHIN_MS;
}

/** If it took longer, somebody may have helped: then the text does not say that it came back alone. */
const aloneText = (afterMs: number): string =>
  `It would have been restarted; it came back ${afterMs <= ALONE_WITHIN_MS ? 'alone' : 'without that'} after ${durationText(afterMs)}.`;

/** Observe mode's score after an incident that is over. */
const scored = ({ observed }: State, incident: Incident, now: number): State['observed'] =>
  cameBackAlone(incident, now) ? { ...observed, alone: observed.alone + 1 } : observed;

/** Writes a line of the timeline; incident and times of the open incident go with it. */
export function withRecord(context: Context, step: Step, record: RecordBody): Step {
  const { incident } = step.state;
  return withIntent(context, step, {
    kind: 'record',
    record: { ...(incident && { incidentId: incident.id, detectedAt: incident.openedAt }), ...record },
  });
}

/** The alerts that many services send at once when something larger is over; any other kind is news by itself. */
const ENDS: readonly AlertKind[] = ['degraded', 'unhealthy', 'recovered'];

type AlertDraft = Pick<AlertBody, 'kind' | 'level' | 'failureType' | 'message' | 'resolvedAt'> &
  /** For alerts that may come more than once in an incident. */
  Readonly<{ number?: number }>;

/** Alerts people, once per incident and kind (or number), if the service's settings allow it; else counts why not. */
export function withAlert(context: Context, step: Step, { number, ...alert }: AlertDraft): Step {
  const { incident } = step.state;
  if (!incident) return step;
  const held = number === undefined ? whyHeld(context, step.state, incident, alert) : undefined;
  if (held) return withHeldBack(step, incident, held, alert.kind);
  const told = withIntent(context, step, {
    kind: 'alert',
    alert: {
      ...alert,
      incidentId: incident.id,
      deduplicationKey: `${incident.id}:${alert.kind}` + (number === undefined ? '' : `:${number}`),
      detectedAt: incident.openedAt,
      restarts: incident.restarts,
      ...alertFacts(step.state, incident, context.now, alert.kind === 'recovered'),
      ...(incident.toldLate && ENDS.includes(alert.kind) && { canWait: true }),
    },
  });
  const alerted = number === undefined ? [...incident.alerted, alert.kind] : incident.alerted;
  return withState(told, {
    incident: { ...incident, alerted, toldAt: incident.toldAt ?? context.now },
    ...oneMoreOwed(told.state, alert.level),
    ...withToldError(told.state, alert),
  });
}

/** Whether people want alerts at this level now. */
export const isLoud = (context: Context, state: State, level: AlertLevel): boolean =>
  whyQuiet(context, state, level) === undefined;

/** Notes why no restart is ordered; the same state when that was known already. */
export function withHeld(state: State, held: string | undefined): State {
  const { incident } = state;
  return !incident || incident.held === held ? state : { ...state, incident: { ...incident, held } };
}
