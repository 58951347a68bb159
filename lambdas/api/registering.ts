// Registering, replacing and removing services. Each request leaves an audit entry, even if it is refused here.
import { decode, type Fault } from '../core/faults.ts';
import { type AuditAction, subjectOf } from '../core/model/audit.ts';
import { noteRefusal } from '../flow/audit.ts';
import { registerService, removeService } from '../flow/register-service.ts';
import { askingOf, authorOf } from './audited.ts';
import { type ApiAnswer, type ApiPorts, type ApiRequest, invalid, notFound, ok, type Route } from './request.ts';
import { tenantQuery } from './schemas.ts';

/** `PUT /services/{id}`: the id in the path counts; one in the document must be the same. */
export const putService: Route = async (request, ports, signal) => {
  const refuse = (faults: readonly Fault[]) => refused('service.put', faults, request, ports, signal);
  const query = decode(tenantQuery, request.query);
  if (query.kind === 'faulty') return await refuse(query.faults);
  const body = request.body ?? {};
  if (typeof body !== 'object' || Array.isArray(body)) return await register(body, request, ports, signal);
  const named = {
    id: request.id,
    ...(request.query['tenant'] !== undefined && { tenant: query.value.tenant }),
    ...body,
  };
  if (named.id !== request.id)
    return await refuse([
      { path: 'id', message: `is not ${request.id}, the id in the path; make them agree or leave it out` },
    ]);
  if (request.query['tenant'] !== undefined && named.tenant !== query.value.tenant)
    return await refuse([
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
  const { id: named, query } = request;
  const subject = subjectOf({ id: named, tenant: query['tenant'] });
  const registered = await registerService(input, ports, authorOf(request, signal), subject);
  if (registered.kind === 'faulty') return invalid(registered.faults);
  const { document, outcome } = registered.value;
  const { tenant, id } = document;
  return ok({ tenant, id, outcome, spec: document }, outcome === 'created' ? 201 : 200);
}

/** `DELETE /services/{id}`. */
export const deleteService: Route = async (request, ports, signal) => {
  const query = decode(tenantQuery, request.query);
  if (query.kind === 'faulty') return await refused('service.removed', query.faults, request, ports, signal);
  const key = { tenant: query.value.tenant, id: request.id ?? '' };
  const isRemoved = await removeService(key, ports, authorOf(request, signal));
  return isRemoved ? { status: 204 } : notFound(key.tenant, key.id);
};

async function refused(
  action: AuditAction,
  faults: readonly Fault[],
  request: ApiRequest,
  ports: ApiPorts,
  signal: AbortSignal,
): Promise<ApiAnswer> {
  await noteRefusal(askingOf(action, request), 'INVALID_REQUEST', ports, authorOf(request, signal));
  return invalid(faults);
}
