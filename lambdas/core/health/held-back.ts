// Alerts that nobody gets: why not, and how many. The counts are written along with other changes, never by themselves.
import type { AlertKind } from '../model/intents.ts';
import { type HeldBack, type HeldReason, heldReasons } from '../model/noise.ts';
import { type AlertLevel, alertLevels } from '../model/service.ts';
import { type Incident, isPaused, type State } from '../model/state.ts';
import { type Context, type Step, withState } from '../model/step.ts';
import { isHeldByFlapping } from './flapping.ts';

/** Why nobody gets this alert now; `undefined` when somebody does. */
export function whyHeld(
  context: Context,
  state: State,
  incident: Incident,
  { kind, level }: Readonly<{ kind: AlertKind; level: AlertLevel }>,
): HeldReason | undefined {
  if (!context.service.alerts.enabled) return 'off';
  if (incident.alerted.includes(kind)) return 'repeated';
  // Whoever was told that something broke is told that it is over, whatever the level; nobody else is.
  if (kind === 'recovered') return incident.alerted.length > 0 ? undefined : (incident.heldBy ?? 'level');
  if (isHeldByFlapping(context, state, incident, { kind, level })) return 'flapping';
  return whyQuiet(context, state, level);
}

/** Why people want no alert at this level now; `undefined` when they do. */
export function whyQuiet(
  { service: { alerts }, now }: Context,
  state: State,
  level: AlertLevel,
): HeldReason | undefined {
  if (!alerts.enabled) return 'off';
  if (isPaused(state, now)) return 'paused';
  return alertLevels.indexOf(level) < alertLevels.indexOf(alerts.minLevel) ? 'level' : undefined;
}

/** The counts after one more alert that nobody gets; the same when `reason` is undefined. */
export const oneMoreHeld = ({ heldBack = {} }: State, reason: HeldReason | undefined): Pick<State, 'heldBack'> =>
  reason ? { heldBack: { ...heldBack, [reason]: (heldBack[reason] ?? 0) + 1 } } : {};

const OUTAGES: readonly (AlertKind | undefined)[] = ['unhealthy', 'degraded', undefined];

/**
 * Counts one more alert that nobody gets; its incident remembers why. An outage that was held back for flapping may be
 * owed later: nothing but the outage itself (no `kind`, or one of its own) makes the incident forget that.
 */
export function withHeldBack(step: Step, incident: Incident, reason: HeldReason, kind?: AlertKind): Step {
  const isOwedLater = incident.heldBy === 'flapping' && !OUTAGES.includes(kind);
  const heldBy = isOwedLater ? 'flapping' : reason;
  return withState(step, { ...oneMoreHeld(step.state, reason), incident: { ...incident, heldBy } });
}

/** What was held back of several services, every reason named. */
export const sumHeldBack = (all: readonly (HeldBack | undefined)[]): Readonly<Record<string, number>> =>
  Object.fromEntries(heldReasons.map((reason) => [reason, all.reduce((sum, one) => sum + (one?.[reason] ?? 0), 0)]));
