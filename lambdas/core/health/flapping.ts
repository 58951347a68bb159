// For a service with many incidents in a short time, people get one alert that it is flapping. Alerts of its single ups
// and downs are held back until it is steady (steady.ts) or one of them lasts; an error is told once, critical ones
// always.
import type { AlertBody, AlertKind } from '../model/intents.ts';
import type { Flapping } from '../model/noise.ts';
import type { AlertLevel, Service } from '../model/service.ts';
import type { Incident, State } from '../model/state.ts';
import { type Context, type Step, withIntent, withState } from '../model/step.ts';
import { durationText } from '../values/duration-text.ts';
import { shortHash } from '../values/hash.ts';
import { alertFacts } from './alert-facts.ts';
import { withOutsideAlert } from './outside-alert.ts';

export const windowMs = ({ alerts }: Service): number => alerts.flapping.windowMinutes * 60_000;

const heldKinds: readonly AlertKind[] = ['degraded', 'unhealthy', 'restart_held', 'restart_failed'];

type Told = Readonly<{ kind: AlertKind; level: AlertLevel }>;

/** Whether an alert of this incident is one of the ups and downs that people know of. */
export function isHeldByFlapping(
  context: Context,
  { flapping }: State,
  incident: Incident,
  { kind, level }: Told,
): boolean {
  if (!flapping || !heldKinds.includes(kind) || isLasting(context, incident)) return false;
  return level !== 'error' || flapping.toldErrors?.includes(kind) === true;
}

/**
 * Whether an incident lasts longer than a service that flaps this often can be down: it is more than one of its ups and
 * downs.
 */
export const isLasting = ({ service, now }: Context, { openedAt }: Incident): boolean =>
  now - openedAt >= windowMs(service) / service.alerts.flapping.incidents;

/** The episode after people were told about this alert: the same error again is not news. */
export const withToldError = ({ flapping }: State, { kind, level }: Told): Pick<State, 'flapping'> =>
  flapping && level === 'error' && heldKinds.includes(kind)
    ? { flapping: { ...flapping, toldErrors: [...new Set([...(flapping.toldErrors ?? []), kind])] } }
    : {};

/**
 * Counts an incident that began at `openedAt`, once, when its first alert is due and people want it. An incident that
 * is part of a larger outage, or happens during a pause, does not count. `level` is that of the alert that would be
 * sent, and so that of the flapping alert that replaces it.
 */
export function countOpening(context: Context, step: Step, openedAt: number, level: OpeningLevel): Step {
  const { service, now } = context;
  const { incidents } = service.alerts.flapping;
  const { openings = [], flapping, sequence } = step.state;
  if (incidents === 0 || openings.some((at) => at >= openedAt)) return step;
  const recent = [...openings.filter((at) => at > now - windowMs(service)), now].slice(-incidents);
  const counted = withState(step, { openings: recent });
  if (flapping || recent.length < incidents) return counted;
  const id = `flap-${shortHash(service.tenant, service.id)}-${now.toString(36)}-${sequence}`;
  // The alert that replaces an error counts as that error told.
  const toldErrors = level === 'error' ? { toldErrors: ['unhealthy'] } : {};
  const episode: Flapping = { id, since: Math.min(...recent), ...toldErrors };
  const begun = withState(counted, { flapping: episode, sequence: sequence + 1 });
  const often = `It has failed ${incidents} times in ${durationText(now - episode.since)}.`;
  const message = `${often} Its ups and downs are not reported until it is steady.`;
  const words = { kind: 'flapping', level, message } as const;
  return withEpisodeAlert(context, withEpisode(context, begun, episode, { ...words, action: 'alert' }), episode, words);
}

/** The level of an alert that opens an incident. */
export type OpeningLevel = 'warning' | 'error';
type Words = Readonly<{ kind: 'flapping' | 'steady'; level: 'info' | OpeningLevel; message: string }>;

/** Writes a line of the timeline about the episode. */
export const withEpisode = (
  context: Context,
  step: Step,
  { id, since }: Flapping,
  { action, ...words }: Words & Readonly<{ action: 'alert' | 'none' }>,
): Step =>
  withIntent(context, step, {
    kind: 'record',
    record: { ...words, action, incidentId: id, detectedAt: since, failureType: 'health_check_failed' },
  });

/** Alerts people to the episode; the alert has the episode's key, because it belongs to no single incident. */
export function withEpisodeAlert(
  context: Context,
  step: Step,
  { id, since }: Flapping,
  words: Words & Pick<AlertBody, 'resolvedAt'>,
): Step {
  const { incident } = step.state;
  const facts = incident && alertFacts(step.state, incident, context.now, words.kind === 'steady');
  return withOutsideAlert(context, step, {
    ...{ ...facts, ...words },
    incidentId: id,
    deduplicationKey: `${id}:${words.kind}`,
    detectedAt: since,
    ...(incident && { restarts: incident.restarts }),
  });
}
