// Acknowledging an open incident: no more reminders are sent for it, and it is not escalated.
import { decode } from '../core/faults.ts';
import { acknowledgedView } from '../core/views/noise-view.ts';
import { byWhom, change } from './asking.ts';
import { invalid, type Route } from './request.ts';
import { acknowledgeBody } from './schemas.ts';

/**
 * `POST /services/{id}/acknowledge`: until the given time, or to the end of the incident. A second request replaces the
 * first.
 */
export const postAcknowledge: Route = async (request, ports, signal) => {
  const body = decode(acknowledgeBody, request.body ?? {});
  if (body.kind === 'faulty') return invalid(body.faults);
  const { user, reason } = body.value;
  const until = body.value.until === undefined ? undefined : Date.parse(body.value.until);
  if (until !== undefined && until <= ports.clock.now())
    return invalid([{ path: 'until', message: 'must be in the future' }]);
  const event = { kind: 'acknowledged', by: byWhom(request, user), reason, until } as const;
  return await change(request, ports, signal, { event, status: 200, view: acknowledgedView });
};
