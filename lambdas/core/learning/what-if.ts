// What would have happened with other settings: recorded verdicts go through the same reducer once more, as in observe
// mode, so that the answer is what these settings would really do.
import { advance, isAtRest } from '../health/advance.ts';
import { cameBackAlone } from '../health/incident.ts';
import type { ServiceEvent } from '../model/events.ts';
import { freshFleet } from '../model/fleet.ts';
import type { AlertKind } from '../model/intents.ts';
import { doOverlap, type Recorded, type Span } from '../model/recorded.ts';
import type { Service } from '../model/service.ts';
import { freshState, type Incident, type State } from '../model/state.ts';

/** An incident as it would have been. Times are epoch ms. */
export type Replayed = Readonly<{
  openedAt: number;
  /** Left out while it is open at the end of the history. */
  closedAt?: number | undefined;
  /** The worst health during it. */
  health: 'degraded' | 'unhealthy';
  /** When it would have been restarted first. */
  wouldRestartAt?: number | undefined;
  /** It was back within a minute of that, and nobody had restarted it. */
  isNeedless: boolean;
  /** A restart was really under way while it lasted, and may have ended it. */
  wasRestarted: boolean;
}>;

export type Outlook = Readonly<{
  /** How many verdicts were replayed, `unknown` ones included. */
  verdicts: number;
  incidents: readonly Replayed[];
  /** Incidents in which it would have been restarted. */
  restarts: number;
  /** Of those, how many were over within a minute anyway. */
  needless: number;
  /** How many alerts people would have got, by kind, as in observe mode. */
  alerts: Readonly<Record<'degraded' | 'unhealthy' | 'recovered' | 'flapping', number>>;
}>;

/** Replays the verdicts, oldest first, with these settings; restarts are counted, not carried out. */
export function whatIf(settings: Service, recorded: readonly Recorded[], restarts: readonly Span[]): Outlook {
  const service = observing(settings);
  let state: State = freshState(recorded[0]?.beat ?? 0);
  let isUnhealthy = false;
  const incidents: Replayed[] = [];
  const told: AlertKind[] = [];
  const note = (incident: Incident, closedAt: number | undefined) =>
    incidents.push(replayedOf(incident, isUnhealthy, closedAt, restarts));
  const live = (event: ServiceEvent, now: number): void => {
    const step = advance(service, state, event, now);
    for (const intent of step.intents) if (intent.kind === 'alert') told.push(intent.alert.kind);
    // Nobody carries anything out here.
    state = step.intents.length > 0 ? { ...step.state, intents: [] } : step.state;
  };
  for (const { beat, ...observation } of recorded) {
    const { incident: before } = state;
    const event = { kind: 'probed', beat, observation, fleet: freshFleet, jitter: 0 } as const;
    live(event, beat);
    // As in a round: flapping ends when time has passed, and only then do ups and downs lead to alerts again.
    if (!isAtRest(state)) live({ kind: 'ticked', jitter: 0 }, beat);
    if (before && before.id !== state.incident?.id) {
      note(before, beat);
      isUnhealthy = false;
    }
    isUnhealthy ||= state.health === 'unhealthy';
  }
  if (state.incident) note(state.incident, undefined);
  const count = (kind: AlertKind) => told.filter((one) => one === kind).length;
  return {
    verdicts: recorded.length,
    incidents,
    restarts: state.observed.would,
    needless: incidents.filter(({ isNeedless }) => isNeedless).length,
    alerts: {
      degraded: count('degraded'),
      unhealthy: count('unhealthy'),
      recovered: count('recovered'),
      flapping: count('flapping'),
    },
  };
}

/** The same service in observe mode, where it would be restarted at all. */
function observing(settings: Service): Service {
  const { mode, steps } = settings.restart;
  const isRestarted = mode === 'observe' || (mode === 'on' && steps.length > 0);
  return { ...settings, restart: { ...settings.restart, mode: isRestarted ? 'observe' : 'off' } };
}

function replayedOf(
  incident: Incident,
  isUnhealthy: boolean,
  closedAt: number | undefined,
  restarts: readonly Span[],
): Replayed {
  const { openedAt, wouldAt } = incident;
  const wasRestarted = restarts.some((span) => doOverlap(span, { from: openedAt, to: closedAt ?? Infinity }));
  return {
    openedAt,
    closedAt,
    health: isUnhealthy ? 'unhealthy' : 'degraded',
    wouldRestartAt: wouldAt,
    isNeedless: closedAt !== undefined && !wasRestarted && cameBackAlone(incident, closedAt),
    wasRestarted,
  };
}
