// Opening and closing incidents, and what people are told and what is recorded on the way.
import { shortHash } from './hash.ts';
import type { AlertBody, AlertKind } from './intents.ts';
import { type AlertLevel, alertLevels } from './service.ts';
import type { Incident, State } from './state.ts';
import { type Context, type Step, withIntent, withState } from './step.ts';
import type { FailureType, RecordBody } from './timeline.ts';

/** Opens an incident, or keeps the open one and takes over what is now known of it. */
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
  };
  return withState(step, { incident: opened, sequence: sequence + 1 });
}

/** Closes the incident with one notice, which reaches whoever was told that it had begun. */
export function closeIncident(context: Context, step: Step, incident: Incident, message: string): Step {
  const { now } = context;
  const healed = incident.restarts > 0;
  const recorded = withRecord(context, step, {
    kind: 'recovered',
    level: 'info',
    message,
    failureType: incident.failureType,
    action: healed ? 'restart' : 'none',
    actionResult: 'success',
    resolvedAt: now,
    details: { downForMs: now - incident.openedAt, restarts: incident.restarts },
  });
  const closing = withAlert(context, recorded, {
    kind: 'recovered',
    level: healed ? 'warning' : 'info',
    failureType: healed ? 'auto_restart' : incident.failureType,
    message,
    resolvedAt: now,
  });
  return withState(closing, { incident: undefined });
}

/** Writes a line of the timeline; incident and times of the open incident go with it. */
export function withRecord(context: Context, step: Step, record: RecordBody): Step {
  const { incident } = step.state;
  return withIntent(context, step, {
    kind: 'record',
    record: { ...(incident && { incidentId: incident.id, detectedAt: incident.openedAt }), ...record },
  });
}

type AlertDraft = Pick<AlertBody, 'kind' | 'level' | 'failureType' | 'message' | 'resolvedAt'>;

/** Tells people, once per incident and kind, if the service's settings want it. */
export function withAlert(context: Context, step: Step, alert: AlertDraft): Step {
  const { incident } = step.state;
  if (!incident || !isWanted(context, incident, alert)) return step;
  const told = withIntent(context, step, {
    kind: 'alert',
    alert: {
      ...alert,
      incidentId: incident.id,
      deduplicationKey: `${incident.id}:${alert.kind}`,
      detectedAt: incident.openedAt,
      restarts: incident.restarts,
    },
  });
  return withState(told, { incident: { ...incident, alerted: [...incident.alerted, alert.kind] } });
}

function isWanted(
  { service }: Context,
  incident: Incident,
  { kind, level }: { kind: AlertKind; level: AlertLevel },
): boolean {
  if (!service.alerts.enabled || incident.alerted.includes(kind)) return false;
  // Who was told that something broke is told that it is over, whatever the level.
  if (kind === 'recovered') return incident.alerted.length > 0;
  return alertLevels.indexOf(level) >= alertLevels.indexOf(service.alerts.minLevel);
}

/** Notes why no restart is ordered; the same state when that was known already. */
export function withHeld(state: State, held: string | undefined): State {
  const { incident } = state;
  return !incident || incident.held === held ? state : { ...state, incident: { ...incident, held } };
}
