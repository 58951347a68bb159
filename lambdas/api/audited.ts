// Routes that may change something write an entry to the audit log, whatever they answer.
import { ACCEPTED, askedIn, type AuditAction, saidIn, subjectOf } from '../core/model/audit.ts';
import { type Asking, type Author, openEntry } from '../flow/audit.ts';
import type { ApiRequest, Route } from './request.ts';

/**
 * The route with its audit entry: opened before the route begins, closed with what it answered. If the route throws,
 * the entry stays `asked`, because the outcome is not known.
 */
export const audited =
  (action: AuditAction, route: Route): Route =>
  async (request, ports, signal) => {
    const entry = await openEntry(askingOf(action, request), ports, authorOf(request, signal));
    const answer = await route(request, ports, signal);
    await entry.close(answer.code ?? ACCEPTED);
    return answer;
  };

/** What a request asks for, as far as it is valid, even if the rest of it is wrong. */
export const askingOf = (action: AuditAction, { id, query, body }: ApiRequest): Asking => ({
  action,
  subject: subjectOf({ id, tenant: query['tenant'] }),
  ...saidIn(body),
  asked: askedIn(action, body),
});

export const authorOf = ({ caller, correlationId, requestId }: ApiRequest, signal: AbortSignal): Author => ({
  ...{ by: caller, correlationId, requestId },
  signal,
});
