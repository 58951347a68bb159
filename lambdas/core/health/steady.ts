// The end of flapping: no new incident for as long as the window. Whoever was told that the service flaps is told that
// it is over, and of an incident that is still open, if that was one of the ups and downs that were held back.
import type { State } from '../model/state.ts';
import { type Context, type Step, unchanged, withState } from '../model/step.ts';
import { durationText } from '../values/duration-text.ts';
import { windowMs, withEpisode, withEpisodeAlert } from './flapping.ts';
import { withAlertOrLater } from './tell-outage.ts';

/** Called whenever time has passed; the same state while the service goes on flapping, or does not flap at all. */
export function endFlapping(context: Context, state: State): Step {
  const { service, now } = context;
  const { flapping, openings = [], incident } = state;
  if (!flapping) return unchanged(state);
  const last = Math.max(flapping.since, ...openings);
  const isOff = service.alerts.flapping.incidents === 0;
  if (!isOff && now - last < windowMs(service)) return unchanged(state);
  const isTold = service.alerts.enabled;
  const message = isOff
    ? 'Alerts are sent as usual again.'
    : `No new incident for ${durationText(now - last)}${incident ? '; the last one is still open' : ''}.`;
  const words = { kind: 'steady', level: 'info', message } as const;
  const over = withState(unchanged(state), { flapping: undefined, openings: undefined });
  const recorded = withEpisode(context, over, flapping, { ...words, action: isTold ? 'alert' : 'none' });
  if (!isTold) return recorded;
  return tellOfOpen(context, withEpisodeAlert(context, recorded, flapping, { ...words, resolvedAt: now }));
}

/**
 * Tells of an open incident that is more than a brief one after all. For a service that is down, the next probe does
 * that.
 */
function tellOfOpen(context: Context, step: Step): Step {
  const { incident, health } = step.state;
  if (!incident || health !== 'degraded' || incident.heldBy !== 'flapping' || incident.alerted.length > 0) return step;
  const { failureType, message } = incident;
  return withAlertOrLater(context, step, { kind: 'degraded', level: 'warning', failureType, message });
}
