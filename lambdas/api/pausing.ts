// Taking a service out of service on purpose, and putting it back: it is looked at, but neither restarted nor told of.
import { decode } from '../core/faults.ts';
import { pauseView } from '../core/views/status-view.ts';
import { byWhom, change } from './asking.ts';
import { invalid, type Route } from './request.ts';
import { pauseBody, resumeBody } from './schemas.ts';

/** `POST /services/{id}/pause`: until then, or until it is resumed. Asking again replaces the pause. */
export const postPause: Route = async (request, ports, signal) => {
  const body = decode(pauseBody, request.body ?? {});
  if (body.kind === 'faulty') return invalid(body.faults);
  const { user, reason } = body.value;
  const until = body.value.until === undefined ? undefined : Date.parse(body.value.until);
  if (until !== undefined && until <= ports.clock.now())
    return invalid([{ path: 'until', message: 'must be in the future' }]);
  const event = { kind: 'paused', by: byWhom(request, user), reason, until } as const;
  return await change(request, ports, signal, { event, status: 200, view: pauseView });
};

/** `POST /services/{id}/resume`: one that is not paused is as wanted. */
export const postResume: Route = async (request, ports, signal) => {
  const body = decode(resumeBody, request.body ?? {});
  if (body.kind === 'faulty') return invalid(body.faults);
  const event = { kind: 'resumed', by: byWhom(request, body.value.user) } as const;
  return await change(request, ports, signal, { event, status: 200, view: pauseView });
};
