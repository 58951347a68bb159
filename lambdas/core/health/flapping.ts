// A service whose incidents come thick and fast is told of once, as flapping. Its single ups and downs are held back then,
// until it is steady (steady.ts); what is an error, or worse, is told all the same.
import type { AlertBody, AlertKind } from '../model/intents.ts';
import type { Flapping } from '../model/noise.ts';
import type { AlertLevel, Service } from '../model/service.ts';
import type { State } from '../model/state.ts';
import { type Context, type Step, withIntent, withState } from '../model/step.ts';
import { durationText } from '../values/duration-text.ts';
import { shortHash } from '../values/hash.ts';
import { alertFacts } from './alert-facts.ts';
import { oneMoreOwed } from './owed.ts';

export const windowMs = ({ alerts }: Service): number => alerts.flapping.windowMinutes * 60_000;

const heldKinds: readonly AlertKind[] = ['degraded', 'unhealthy', 'recovered'];

/** Whether an alert is one of the ups and downs that people know of. */
export const isHeldByFlapping = ({ flapping }: State, kind: AlertKind, level: AlertLevel): boolean =>
  flapping !== undefined && heldKinds.includes(kind) && (level === 'info' || level === 'warning');

/**
 * Counts an incident that began at `openedAt`, once, when its first alert is due and people want it. What is part of a
 * larger outage, or happens in a pause, is no up and down of its own.
 */
export function countOpening(context: Context, step: Step, openedAt: number): Step {
  const { service, now } = context;
  const { incidents } = service.alerts.flapping;
  const { openings = [], flapping, sequence } = step.state;
  if (incidents === 0 || openings.some((at) => at >= openedAt)) return step;
  const recent = [...openings.filter((at) => at > now - windowMs(service)), now].slice(-incidents);
  const counted = withState(step, { openings: recent });
  if (flapping || recent.length < incidents) return counted;
  const id = `flap-${shortHash(service.tenant, service.id)}-${now.toString(36)}-${sequence}`;
  const episode: Flapping = { id, since: Math.min(...recent) };
  const begun = withState(counted, { flapping: episode, sequence: sequence + 1 });
  const often = `It has failed ${incidents} times in ${durationText(now - episode.since)}.`;
  const message = `${often} Its ups and downs are not told until it is steady.`;
  const words = { kind: 'flapping', level: 'warning', message } as const;
  return withEpisodeAlert(context, withEpisode(context, begun, episode, { ...words, action: 'alert' }), episode, words);
}

type Words = Readonly<{ kind: 'flapping' | 'steady'; level: 'info' | 'warning'; message: string }>;

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

/** Tells people of the episode, whose key it bears: it belongs to no single incident. */
export function withEpisodeAlert(
  context: Context,
  step: Step,
  { id, since }: Flapping,
  words: Words & Pick<AlertBody, 'resolvedAt'>,
): Step {
  const { incident } = step.state;
  const facts = incident && alertFacts(step.state, incident, context.now, words.kind === 'steady');
  const alert: AlertBody = {
    ...facts,
    ...words,
    failureType: 'health_check_failed',
    incidentId: id,
    deduplicationKey: `${id}:${words.kind}`,
    detectedAt: since,
    restarts: incident ? incident.restarts : 0,
    at: context.now,
  };
  return withState(withIntent(context, step, { kind: 'alert', alert }), oneMoreOwed(step.state, words.level));
}
