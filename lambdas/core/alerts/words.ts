// The headline of each kind of alert, and what people may expect next.
import type { AlertBody, AlertKind } from '../model/intents.ts';
import type { AlertLevel, Service } from '../model/service.ts';

const headlines: Readonly<Record<AlertKind, string>> = {
  degraded: 'is degraded',
  unhealthy: 'is unhealthy',
  restart_held: 'is not restarted',
  restart_failed: 'restart failed',
  restart_limit_exceeded: 'needs a person',
  recovered: 'has recovered',
  dependency_down: 'has lost a dependency',
  flapping: 'is flapping',
  steady: 'is steady again',
  reminder: 'is still down',
  escalation: 'is still down and nobody has taken it',
  early_warning: 'may fail soon',
  trend_over: 'is as usual again',
};

/** The headline of a message. It depends on the level only for a reminder: `warning` means that the service answers. */
export const headlineOf = (kind: AlertKind, level: AlertLevel): string =>
  kind === 'reminder' && level === 'warning' ? 'is still degraded' : headlines[kind];

const next: Readonly<Record<Exclude<AlertKind, 'unhealthy'>, string>> = {
  degraded: 'It answers, so it is not restarted. You will be notified when it is healthy again.',
  restart_held:
    'Lamplighter tries again every minute: once the reason is gone, and if it is still down, it is restarted.',
  restart_failed:
    'If it stays down and its limit allows, the next step is taken after a wait. You will be notified when it has recovered.',
  restart_limit_exceeded:
    'It is not restarted automatically until a person acts or it recovers. Somebody must look at it.',
  recovered: 'Nothing: the incident is over.',
  dependency_down: 'Look at the dependency: its own alert says what is being done about it.',
  flapping: 'While it flaps, its single ups and downs are not reported. You will be notified when it is steady.',
  steady: 'Its alerts are sent as usual from now on.',
  reminder: 'You will be reminded again, at growing intervals, until it has recovered or somebody acknowledges it.',
  escalation: 'Somebody must acknowledge it and look at it.',
  early_warning:
    'Nothing is restarted because of it. You will be notified when a drift is over, or if the service fails.',
  trend_over: 'Nothing: it is as it was before the warning.',
};

const HEALED =
  'It is restarted, at once or after a wait. You will be notified when it has recovered, or if that fails.';
const LEFT = 'It is probed as before. You will be notified when it has recovered.';
const HELD =
  'It is probed as before. Once nothing holds the restart back any more, and if it is still down, it is restarted. You will be notified when it has recovered.';

/**
 * What happens after an alert. For an outage it depends on the level: `warning` means that it is being healed. For a
 * restart it depends on whether another one would come by itself: not if restarts are not on, or a person has cancelled
 * one.
 */
export function nextOf({ kind, level, handsOff }: AlertBody, { restart }: Pick<Service, 'restart'>): string {
  const isLeft = restart.mode !== 'on' || handsOff === true;
  if (kind === 'unhealthy') return level === 'warning' ? HEALED : isLeft ? LEFT : HELD;
  return isLeft && (kind === 'restart_failed' || kind === 'restart_held')
    ? 'It is not restarted automatically. You will be notified when it has recovered.'
    : next[kind];
}
