// Tells people once that a service drifts away from its own past, and once that this episode is over.
import type { Trend, TrendSeen } from '../model/events.ts';
import type { AlertBody, AlertKind } from '../model/intents.ts';
import type { State } from '../model/state.ts';
import { type Context, type Step, unchanged, withState } from '../model/step.ts';
import { durationText } from '../values/duration-text.ts';
import { shortHash } from '../values/hash.ts';
import { oneMoreHeld, whyQuiet } from './held-back.ts';
import { withRecord } from './incident.ts';
import { withOutsideAlert } from './outside-alert.ts';

type Episode = NonNullable<State['trend']>;

/**
 * Another kind of drift is another episode. That a drift continues is not written: it would cost a write every time.
 */
export function takeTrend(context: Context, state: State, { at, trend }: TrendSeen): Step {
  const known = state.trend;
  if (known?.kind === trend?.kind || at <= (state.trendAt ?? 0)) return unchanged(state);
  const over = known ? ended(context, unchanged(state), known) : unchanged(state);
  return trend ? begun(context, withState(over, { trendAt: at }), trend) : withState(over, { trendAt: at });
}

/**
 * Nobody is warned about a service that is down or paused: people know about the first and ignore the second on
 * purpose.
 */
function begun(context: Context, step: Step, trend: Trend): Step {
  const { service, now } = context;
  const { sequence, health } = step.state;
  const why = health === 'unhealthy' ? undefined : whyQuiet(context, step.state, 'warning');
  const told = health !== 'unhealthy' && why === undefined;
  const id = `trend-${shortHash(service.tenant, service.id)}-${now.toString(36)}-${sequence}`;
  const episode: Episode = { ...trend, id, told };
  const opened = withState(step, { trend: episode, sequence: sequence + 1, ...oneMoreHeld(step.state, why) });
  return tell(context, opened, episode, 'early_warning', { level: 'warning', message: trend.message });
}

function ended(context: Context, step: Step, episode: Episode): Step {
  const after = durationText(context.now - episode.since);
  const message = `${episode.kind === 'latency' ? 'Answers are as fast' : 'Looks are as good'} as usual again, after ${after}.`;
  const why = episode.told && !context.service.alerts.enabled ? 'off' : undefined;
  const closed = withState(step, { trend: undefined, ...oneMoreHeld(step.state, why) });
  const level = 'info';
  return tell(context, closed, episode, 'trend_over', { level, message, resolvedAt: context.now });
}

type Words = Pick<AlertBody, 'level' | 'message' | 'resolvedAt'>;

/** Always recorded in the timeline; people are told if they are, or were, told that it began. */
function tell(
  context: Context,
  step: Step,
  { id, kind, since, now, usual, told }: Episode,
  as: AlertKind & ('early_warning' | 'trend_over'),
  words: Words,
): Step {
  const isTold = told && context.service.alerts.enabled;
  const common = { ...words, kind: as, incidentId: id, detectedAt: since };
  const recorded = withRecord(context, step, {
    ...{ ...common, failureType: 'health_check_failed', action: isTold ? 'alert' : 'none' },
    details: { trend: kind, now, usual },
  });
  if (!isTold) return recorded;
  return withOutsideAlert(context, recorded, { ...common, deduplicationKey: `${id}:${as}` });
}
