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
  degraded: 'It answers, so it is not restarted. You are told when it is well again.',
  restart_held: 'It is asked again every minute: once the reason is gone, and it is still down, it is restarted.',
  restart_failed:
    'While it is down and its limit allows, the next step is taken after a wait. You are told when it has recovered.',
  restart_limit_exceeded:
    'Nothing is restarted by itself until a person acts or it recovers. Somebody must look at it.',
  recovered: 'Nothing: the incident is over.',
  dependency_down: 'Look at the dependency: its own alert says what is done about it.',
  flapping: 'Its single ups and downs are not told while it flaps. You are told when it is steady.',
  steady: 'It is told of as usual from now on.',
  reminder: 'You are reminded again, each time later, until it has recovered or somebody acknowledges it.',
  escalation: 'Somebody must acknowledge it and look at it.',
  early_warning: 'Nothing is restarted for it. You are told when a drift is over, and when the service fails.',
  trend_over: 'Nothing: it is as it was before the warning.',
};

const HEALED = 'It is restarted, at once or after a wait. You are told when it has recovered, or when that fails.';
const LEFT = 'It is looked at as before. You are told when it has recovered.';
const HELD =
  'It is looked at as before. Once nothing is in the way any more, and it is still down, it is restarted. You are told when it has recovered.';

/**
 * What happens after an alert. For an outage it depends on the level: `warning` means that it is being healed. For a
 * restart it depends on whether another one would come by itself: not if restarts are not on, or a person has cancelled
 * one.
 */
export function nextOf({ kind, level, handsOff }: AlertBody, { restart }: Pick<Service, 'restart'>): string {
  const isLeft = restart.mode !== 'on' || handsOff === true;
  if (kind === 'unhealthy') return level === 'warning' ? HEALED : isLeft ? LEFT : HELD;
  return isLeft && (kind === 'restart_failed' || kind === 'restart_held')
    ? 'Nothing is restarted by itself here. You are told when it has recovered.'
    : next[kind];
}
