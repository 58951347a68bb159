// What callers may ask for: a probe, a restart, the cancelling of one; and the heartbeats that services report.
import { decode } from '../core/faults.ts';
import type { ServiceEvent } from '../core/model/events.ts';
import { runningRestart, type State } from '../core/model/state.ts';
import { changeService } from '../flow/change-service.ts';
import { withService } from './looking.ts';
import { type ApiAnswer, type ApiPorts, type ApiRequest, fault, invalid, notFound, ok, type Route } from './request.ts';
import { cancelBody, restartBody, tenantQuery } from './schemas.ts';

/** `POST /services/{id}/check`: a probe outside the rounds; its verdict shows in `GET /services/{id}`. */
export const postCheck: Route = (request, ports, signal) =>
  withService(request, ports, signal, async ({ service: { tenant, id } }) => {
    const beat = ports.clock.now();
    await ports.probeQueue.sendCheck({ kind: 'check', correlationId: request.correlationId, tenant, id, beat }, signal);
    return ok({ tenant, id, correlationId: request.correlationId }, 202);
  });

/**
 * `POST /services/{id}/heartbeat`: only for services that report themselves; no prober would read another's heartbeat.
 */
export const postHeartbeat: Route = (request, ports, signal) =>
  withService(request, ports, signal, async ({ service: { tenant, id, probe } }) => {
    if (probe.kind !== 'heartbeat')
      return fault(
        409,
        'NO_HEARTBEAT_PROBE',
        `${id} is probed by ${probe.kind}, so a heartbeat would change nothing; register it with probe.kind "heartbeat"`,
      );
    const isNoted = await ports.services.heartbeat({ tenant, id }, ports.clock.now(), signal);
    return isNoted ? { status: 204 } : notFound(tenant, id);
  });

/** `POST /services/{id}/restart`: a person orders a restart; 202 with the id to follow it by. */
export const postRestart: Route = async (request, ports, signal) => {
  const body = decode(restartBody, request.body ?? {});
  if (body.kind === 'faulty') return invalid(body.faults);
  const { user, reason, force, mode, cascade, timeoutSeconds: drainSeconds } = body.value;
  const by = byWhom(request, user);
  const event = { kind: 'requested', by, reason, force, mode, drainSeconds, cascade } as const;
  return await change(request, ports, signal, { event, status: 202, view: orderView });
};

/**
 * `POST /services/{id}/restart/cancel`: only while the restart is being prepared. What was done by then is undone
 * first.
 */
export const postCancel: Route = async (request, ports, signal) => {
  const body = decode(cancelBody, request.body ?? {});
  if (body.kind === 'faulty') return invalid(body.faults);
  const { user, reason } = body.value;
  const event = { kind: 'cancelled', by: byWhom(request, user), reason } as const;
  return await change(request, ports, signal, { event, status: 200, view: cancelView });
};

const orderView = ({ restart }: State) => ({ restartId: restart?.id, phase: restart?.phase });

/**
 * The first to cancel is named: cancelling again changes nothing. Of a restart that is over only the phase is shown.
 */
const cancelView = (state: State) => ({ ...orderView(state), cancelledBy: runningRestart(state)?.cancelledBy });

/** The user that the request names, and beside it the caller that was authorized, if the two differ. */
export const byWhom = ({ caller }: ApiRequest, user: string): string =>
  caller === user ? user : `${user} (${caller})`;

/** Applies the event; a refusal is 409 with its code, else `view` makes the answer from the new state. */
export async function change(
  request: ApiRequest,
  ports: ApiPorts,
  signal: AbortSignal,
  { event, status, view }: Readonly<{ event: ServiceEvent; status: number; view: (state: State) => object }>,
): Promise<ApiAnswer> {
  const query = decode(tenantQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  const key = { tenant: query.value.tenant, id: request.id ?? '' };
  const changed = await changeService(key, [event], ports, { correlationId: request.correlationId, signal });
  if (!changed) return notFound(key.tenant, key.id);
  const { refusal, state } = changed.step;
  if (refusal) return fault(409, refusal.code, refusal.message);
  return ok({ ...key, ...view(state) }, status);
}
