// A person who takes an incident upon himself: nobody is reminded of it, and it goes to nobody else, until its end or a
// time of his own. It changes nothing about restarts, and nothing of what is new.
import type { Acknowledged } from '../model/events.ts';
import type { Incident, State } from '../model/state.ts';
import { type Context, refused, type Step, unchanged } from '../model/step.ts';
import { withRecord } from './incident.ts';

/** Until when somebody has it in hand, epoch ms: for ever when no time was named, and 0 when nobody has. */
export const acknowledgedUntil = ({ acknowledged }: Incident): number =>
  acknowledged ? (acknowledged.until ?? Number.POSITIVE_INFINITY) : 0;

/** The last one who says so has it; saying the same again changes nothing. */
export function takeAcknowledgement(context: Context, state: State, { by, reason, until }: Acknowledged): Step {
  const { incident } = state;
  if (!incident) return refused(state, 'NO_INCIDENT', 'there is no open incident to acknowledge');
  const known = incident.acknowledged;
  if (known && known.by === by && known.reason === reason && known.until === until) return unchanged(state);
  const acknowledged = { by, reason, until, at: context.now };
  return withRecord(context, unchanged({ ...state, incident: { ...incident, acknowledged } }), {
    kind: 'acknowledged',
    level: 'info',
    message: `acknowledged by ${by}${reason === undefined ? '' : `: ${reason}`}`,
    action: 'none',
    ...(until !== undefined && { details: { until } }),
  });
}
