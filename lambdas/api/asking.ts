// What people and services may ask for: a look, a restart, its cancelling, and to be heard.
import { decode } from '../core/faults.ts';
import { changeService } from '../flow/change-service.ts';
import { withService } from './looking.ts';
import { type ApiAnswer, fault, invalid, notFound, ok, type Route } from './request.ts';
import { cancelBody, restartBody, tenantQuery } from './schemas.ts';

/** `POST /services/{id}/check`: a look outside the rounds; its verdict shows in `GET /services/{id}`. */
export const postCheck: Route = (request, ports, signal) =>
  withService(request, ports, signal, async ({ service: { tenant, id } }) => {
    const beat = ports.clock.now();
    await ports.probeQueue.sendCheck({ kind: 'check', correlationId: request.correlationId, tenant, id, beat }, signal);
    return ok({ tenant, id, correlationId: request.correlationId }, 202);
  });

/** `POST /services/{id}/heartbeat`: for services that report themselves; nobody would read another's. */
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

/** `POST /services/{id}/restart`: a person's order; 202 with the id to follow it by. */
export const postRestart: Route = async (request, ports, signal) => {
  const body = decode(restartBody, request.body ?? {});
  if (body.kind === 'faulty') return invalid(body.faults);
  const { user, reason, force } = body.value;
  const by = request.caller === user ? user : `${user} (${request.caller})`;
  return await change(request, ports, signal, { kind: 'requested', by, reason, force }, 202);
};

/** `POST /services/{id}/restart/cancel`: only while nothing has been sent. */
export const postCancel: Route = async (request, ports, signal) => {
  const body = decode(cancelBody, request.body ?? {});
  if (body.kind === 'faulty') return invalid(body.faults);
  return await change(request, ports, signal, { kind: 'cancelled', by: body.value.user }, 200);
};

async function change(
  request: Parameters<Route>[0],
  ports: Parameters<Route>[1],
  signal: AbortSignal,
  event: Parameters<typeof changeService>[1][number],
  status: number,
): Promise<ApiAnswer> {
  const query = decode(tenantQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  const key = { tenant: query.value.tenant, id: request.id ?? '' };
  const changed = await changeService(key, [event], ports, { correlationId: request.correlationId, signal });
  if (!changed) return notFound(key.tenant, key.id);
  const { refusal, state } = changed.step;
  if (refusal) return fault(409, refusal.code, refusal.message);
  return ok({ ...key, restartId: state.restart?.id, phase: state.restart?.phase }, status);
}
