// A person takes charge of an incident: until it ends, or until a time that the person names, there are no reminders
// and no escalation. Restarts, and alerts about anything new, are not affected.
import type { Acknowledged } from '../model/events.ts';
import type { Incident, State } from '../model/state.ts';
import { type Context, refused, type Step, unchanged } from '../model/step.ts';
import { withRecord } from './incident.ts';

/** Until when somebody is in charge of it, epoch ms: for ever when no time was named, and 0 when nobody is. */
export const acknowledgedUntil = ({ acknowledged }: Incident): number =>
  acknowledged ? (acknowledged.until ?? Number.POSITIVE_INFINITY) : 0;

/** The last person to acknowledge is in charge; repeating the same acknowledgement changes nothing. */
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
