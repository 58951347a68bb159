// What the API shows of a service. Built from stored results only, so that asking often causes no probes.
import { heldNow } from '../health/alert-facts.ts';
import type { Registration, Service } from '../model/service.ts';
import type { State } from '../model/state.ts';
import { WAITING } from '../restart/restart-guards.ts';
import type { PackedResult } from '../rounds/packed-row.ts';
import { isoTime } from '../values/iso-time.ts';
import { acknowledgedView, alertsView } from './noise-view.ts';
import { restartView } from './restart-view.ts';

/** What the packed rows know of a service: its newest result, and when it last gave a good answer. */
export type Seen = Readonly<{
  last?: (Omit<PackedResult, 'tenant' | 'id'> & { beat: number }) | undefined;
  lastGoodAt?: number | undefined;
}>;

/** One line of `GET /services`. */
export function summaryView(service: Service, state: State) {
  return {
    tenant: service.tenant,
    id: service.id,
    name: service.name,
    project: service.project ?? null,
    tags: service.tags,
    health: state.health,
    healthSince: isoTime(state.healthSince),
    consecutiveFailures: state.downs,
    restartPhase: state.restart?.phase ?? 'idle',
    message: state.incident?.message ?? null,
  };
}

/** `GET /services/{id}`: the document, the settings it comes to, and all that is known. */
export function serviceView(document: Registration, service: Service, state: State, seen: Seen, registeredAt: number) {
  const stored = state.last;
  const row = seen.last;
  const newest = stored && (!row || stored.beat >= row.beat) ? stored : row;
  return {
    ...summaryView(service, state),
    registeredAt: isoTime(registeredAt),
    lastCheckedAt: isoTime(newest?.beat),
    lastVerdict: newest?.verdict ?? null,
    lastCause: newest?.cause ?? null,
    lastMessage: newest === stored ? (stored?.message ?? null) : null,
    lastLatencyMs: newest?.latencyMs ?? null,
    lastGoodAt: isoTime(lastGood(state, seen)),
    certificateDaysLeft: stored?.certificateDaysLeft ?? null,
    totalRestarts: state.totalRestarts,
    lastRestartAt: isoTime(state.lastRestartAt),
    incident: state.incident
      ? {
          id: state.incident.id,
          openedAt: isoTime(state.incident.openedAt),
          failureType: state.incident.failureType,
          message: state.incident.message,
          restarts: state.incident.restarts,
          wouldRestartAt: isoTime(state.incident.wouldAt),
          held: heldNow(state, state.incident) ?? null,
          heldUntil: heldNow(state, state.incident) === WAITING ? isoTime(state.backoffUntil) : null,
          handsOff: state.incident.handsOff ?? null,
          ...acknowledgedView(state),
        }
      : null,
    trend: trendView(state),
    // Observe mode's score.
    observed: { wouldHaveRestarted: state.observed.would, cameBackAlone: state.observed.alone },
    restart: restartView(state),
    ...pauseView(state),
    alerts: alertsView(state),
    pendingIntents: state.intents.length,
    spec: document,
    settings: {
      probe: { intervalSeconds: service.probe.intervalSeconds, timeoutSeconds: service.probe.timeoutSeconds },
      policy: service.policy,
      restart: service.restart,
      alerts: service.alerts,
    },
  };
}

/**
 * How it drifts away from its own past; `now` and `usual` are milliseconds of latency, or a share (0 to 1) of errors.
 */
const trendView = ({ trend }: State) =>
  trend
    ? {
        kind: trend.kind,
        since: isoTime(trend.since),
        now: trend.now,
        usual: trend.usual,
        message: trend.message,
      }
    : null;

/** Who has taken it out of service, and until when; null when nobody has. */
export const pauseView = ({ paused }: Pick<State, 'paused'>) => ({
  paused: paused
    ? { user: paused.by, reason: paused.reason ?? null, since: isoTime(paused.at), until: isoTime(paused.until) }
    : null,
});

function lastGood(state: State, seen: Seen): number | undefined {
  const { last } = state;
  const stored = last && (last.verdict === 'up' || last.verdict === 'slow') ? last.beat : undefined;
  return stored === undefined || (seen.lastGoodAt ?? 0) > stored ? seen.lastGoodAt : stored;
}
