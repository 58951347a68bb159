// What people and services may ask for: a look, a restart, its cancelling, and to be heard.
import { decode } from '../core/faults.ts';
import type { ServiceEvent } from '../core/model/events.ts';
import { runningRestart, type State } from '../core/model/state.ts';
import { changeService } from '../flow/change-service.ts';
import { withService } from './looking.ts';
import { type ApiAnswer, type ApiPorts, type ApiRequest, fault, invalid, notFound, ok, type Route } from './request.ts';
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
  const { user, reason, force, mode, cascade, timeoutSeconds: drainSeconds } = body.value;
  const by = byWhom(request, user);
  const event = { kind: 'requested', by, reason, force, mode, drainSeconds, cascade } as const;
  return await change(request, ports, signal, { event, status: 202, view: orderView });
};

/** `POST /services/{id}/restart/cancel`: only while it is being prepared. What was done before is undone first. */
export const postCancel: Route = async (request, ports, signal) => {
  const body = decode(cancelBody, request.body ?? {});
  if (body.kind === 'faulty') return invalid(body.faults);
  const { user, reason } = body.value;
  const event = { kind: 'cancelled', by: byWhom(request, user), reason } as const;
  return await change(request, ports, signal, { event, status: 200, view: cancelView });
};

const orderView = ({ restart }: State) => ({ restartId: restart?.id, phase: restart?.phase });

/** Whoever is named first has cancelled it: once more changes nothing. A restart that is over says no more than its phase. */
const cancelView = (state: State) => ({ ...orderView(state), cancelledBy: runningRestart(state)?.cancelledBy });

/** Who a request says is asking, and beside it who the caller really is. */
export const byWhom = ({ caller }: ApiRequest, user: string): string =>
  caller === user ? user : `${user} (${caller})`;

/** Applies what a person asks for; a refusal is 409 with its code, else `view` says what it came to. */
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
