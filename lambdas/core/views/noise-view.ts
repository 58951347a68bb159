// What the API shows of alerts that were held back, and of who has acknowledged an incident.
import { acknowledgedUntil } from '../health/acknowledge.ts';
import { sumHeldBack } from '../health/held-back.ts';
import { isPaused, type State } from '../model/state.ts';
import { isoTime } from '../values/iso-time.ts';

/** Without the pause and the acknowledgement that are over at `now` (epoch ms): those nobody has ended. */
export function presentState(state: State, now: number): State {
  const { incident, paused } = state;
  const isTaken = incident !== undefined && now < acknowledgedUntil(incident);
  return {
    ...state,
    paused: isPaused(state, now) ? paused : undefined,
    incident: incident && { ...incident, acknowledged: isTaken ? incident.acknowledged : undefined },
  };
}

/** Who has the incident in hand, and until when; null when nobody has. */
export const acknowledgedView = ({ incident }: Pick<State, 'incident'>) => ({
  acknowledged: incident?.acknowledged
    ? {
        user: incident.acknowledged.by,
        reason: incident.acknowledged.reason ?? null,
        since: isoTime(incident.acknowledged.at),
        until: isoTime(incident.acknowledged.until),
      }
    : null,
});

/** Whether it flaps, and how many of its alerts nobody got, by reason. */
export const alertsView = ({ flapping, heldBack }: State) => ({
  flappingSince: isoTime(flapping?.since),
  heldBack: sumHeldBack([heldBack]),
});
