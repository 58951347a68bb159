// Looking back: how restarts ended, and who asked for what. Both outlive the service.
import { decode } from '../core/faults.ts';
import { type AuditRecord, outcomeAt } from '../core/model/audit.ts';
import { recordView } from '../core/timeline/record-view.ts';
import { isoTime } from '../core/values/iso-time.ts';
import { pageOf, parsePlace, type Place } from '../core/values/place.ts';
import type { ServiceKey } from '../ports/service-store.ts';
import { type ApiAnswer, type ApiPorts, invalid, ok, type Route } from './request.ts';
import { auditQuery, fleetAuditQuery, restartsQuery } from './schemas.ts';

type Page = Readonly<{ limit: number; before?: Place | undefined }>;
/** One more than is shown, to know whether there is a next page. */
const pageFor = ({ limit, before }: { limit: number; before?: string | undefined }): Page => ({
  limit: limit + 1,
  before: before === undefined ? undefined : parsePlace(before),
});

/** `GET /services/{id}/restarts`: restarts that have ended, with who, why, how long and the outcome. */
export const getRestarts: Route = async (request, ports, signal) => {
  const query = decode(restartsQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  const records = await ports.timeline.restarts(
    { tenant: query.value.tenant, id: request.id ?? '' },
    { limit: query.value.limit },
    signal,
  );
  return ok({ restarts: records.map(recordView) });
};

/** `GET /services/{id}/audit`: who asked for what, newest first. */
export const getAudit: Route = async (request, ports, signal) => {
  const query = decode(auditQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  return await auditOf({ tenant: query.value.tenant, id: request.id ?? '' }, query.value, ports, signal);
};

/** `GET /fleet/audit`: the same for the switches, and for requests that named no valid service. */
export const getFleetAudit: Route = async (request, ports, signal) => {
  const query = decode(fleetAuditQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  return await auditOf(undefined, query.value, ports, signal);
};

async function auditOf(
  subject: ServiceKey | undefined,
  asked: { limit: number; before?: string | undefined },
  ports: ApiPorts,
  signal: AbortSignal,
): Promise<ApiAnswer> {
  const found = await ports.audit.entries(subject, pageFor(asked), signal);
  const { page, next } = pageOf(found, asked.limit, ({ at, entryId }) => ({ at, id: entryId }));
  const now = ports.clock.now();
  return ok({ entries: page.map((entry) => entryView(entry, now)), nextBefore: next });
}

function entryView(entry: AuditRecord, now: number) {
  const { at, entryId, tenant, id, user, reason, ...rest } = entry;
  return {
    at: isoTime(at),
    entryId,
    tenant: tenant ?? null,
    service: id ?? null,
    ...rest,
    outcome: outcomeAt(entry, now),
    user: user ?? null,
    reason: reason ?? null,
  };
}
