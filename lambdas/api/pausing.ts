// Pausing a service on purpose, and resuming it: meanwhile it is probed, but not restarted, and raises no alerts.
import { decode } from '../core/faults.ts';
import { pauseView } from '../core/views/status-view.ts';
import { byWhom, change } from './asking.ts';
import { invalid, type Route } from './request.ts';
import { pauseBody, resumeBody } from './schemas.ts';

/** `POST /services/{id}/pause`: until the given time, or until it is resumed. A second request replaces the pause. */
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

/** `POST /services/{id}/resume`: success too for a service that is not paused. */
export const postResume: Route = async (request, ports, signal) => {
  const body = decode(resumeBody, request.body ?? {});
  if (body.kind === 'faulty') return invalid(body.faults);
  const event = { kind: 'resumed', by: byWhom(request, body.value.user) } as const;
  return await change(request, ports, signal, { event, status: 200, view: pauseView });
};
