// Registering, replacing and removing services.
import { checkRegistration } from '../core/check-registration.ts';
import { decode } from '../core/faults.ts';
import { shardOf } from '../core/hash.ts';
import { type Registration, toService } from '../core/service.ts';
import { freshState } from '../core/state.ts';
import { type ApiPorts, type ApiRequest, invalid, notFound, ok, type Route } from './request.ts';
import { tenantQuery } from './schemas.ts';

/** `PUT /services/{id}`: the id in the path is the id; one in the document must agree. */
export const putService: Route = async (request, ports, signal) => {
  const query = decode(tenantQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  const { body } = request;
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return await register(body, request, ports, signal);
  const named = {
    id: request.id,
    ...(request.query['tenant'] !== undefined && { tenant: query.value.tenant }),
    ...body,
  };
  if (named.id !== request.id)
    return invalid([
      { path: 'id', message: `is not ${request.id}, the id in the path; make them agree or leave it out` },
    ]);
  if (request.query['tenant'] !== undefined && named.tenant !== query.value.tenant)
    return invalid([
      {
        path: 'tenant',
        message: `is not ${query.value.tenant}, the tenant in the query; make them agree or leave it out`,
      },
    ]);
  return await register(named, request, ports, signal);
};

/** `POST /services`: the same, with the id in the document. */
export const postService: Route = (request, ports, signal) => register(request.body, request, ports, signal);

async function register(input: unknown, request: ApiRequest, ports: ApiPorts, signal: AbortSignal) {
  const checked = checkRegistration(input ?? {}, ports.limits);
  if (checked.kind === 'faulty') return invalid(checked.faults);
  const document: Registration = checked.value;
  const shard = shardOf(document.tenant, document.id, ports.shards);
  const { intervalSeconds } = toService(document).probe;
  const now = ports.clock.now();
  // Before, so that a service is never there without being packed; after, because a round may have corrected the count
  // in between.
  await ports.fleet.expectService(shard, intervalSeconds, signal);
  const outcome = await ports.services.register(document, freshState(now), now, signal);
  await ports.fleet.expectService(shard, intervalSeconds, signal);
  const { tenant, id } = document;
  // Who registers a service wants to see at once whether it is reached, not at the next round.
  await ports.probeQueue.sendCheck(
    { kind: 'check', correlationId: request.correlationId, tenant, id, beat: now },
    signal,
  );
  ports.log.info(`service ${outcome}`, {
    tenant,
    serviceId: id,
    by: request.caller,
    correlationId: request.correlationId,
  });
  return ok({ tenant, id, outcome, spec: document }, outcome === 'created' ? 201 : 200);
}

/** `DELETE /services/{id}`: what is under way for it ends by itself, because its item is gone. */
export const deleteService: Route = async (request, ports, signal) => {
  const query = decode(tenantQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  const key = { tenant: query.value.tenant, id: request.id ?? '' };
  if (!(await ports.services.remove(key, signal))) return notFound(key.tenant, key.id);
  ports.log.info('service removed', {
    tenant: key.tenant,
    serviceId: key.id,
    by: request.caller,
    correlationId: request.correlationId,
  });
  return { status: 204 };
};
