// Taking an open incident upon oneself: nobody is reminded of it any more, and it goes to nobody else.
import { decode } from '../core/faults.ts';
import { acknowledgedView } from '../core/views/noise-view.ts';
import { byWhom, change } from './asking.ts';
import { invalid, type Route } from './request.ts';
import { acknowledgeBody } from './schemas.ts';

/** `POST /services/{id}/acknowledge`: until then, or to the end of the incident. Asking again replaces it. */
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
