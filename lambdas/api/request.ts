// A request and an answer as the routes see them: no API Gateway in sight.
import type { RouteKey } from '../contract/routes.ts';
import type { Limits } from '../core/check-registration.ts';
import type { Fault } from '../core/faults.ts';
import type { ChangePorts } from '../flow/change-service.ts';
import type { FleetStore, Jitter, ProbeQueue, ResultStore, Timeline } from '../ports.ts';

export type ApiRequest = Readonly<{
  routeKey: RouteKey;
  id?: string | undefined;
  query: Readonly<Record<string, string | undefined>>;
  /** Parsed JSON, or `undefined` when there was no body. */
  body: unknown;
  /** Who the authorizer says is asking; kept with every change. */
  caller: string;
  correlationId: string;
}>;

export type ApiAnswer = Readonly<{ status: number; body?: unknown }>;

export type ApiPorts = ChangePorts &
  Readonly<{
    fleet: FleetStore;
    results: ResultStore;
    timeline: Timeline;
    probeQueue: ProbeQueue;
    jitter: Jitter;
    shards: number;
    limits: Limits;
    build: Readonly<{ version: string; commit: string; builtAt: string }>;
  }>;

export type Route = (request: ApiRequest, ports: ApiPorts, signal: AbortSignal) => Promise<ApiAnswer>;

export const ok = (body: unknown, status = 200): ApiAnswer => ({ status, body });

/** The one shape of every error. */
export function fault(status: number, code: string, message: string, details: readonly Fault[] = []): ApiAnswer {
  return { status, body: { error: { code, message, details } } };
}

export const invalid = (faults: readonly Fault[]): ApiAnswer =>
  fault(
    400,
    'INVALID_REQUEST',
    `${faults.length} ${faults.length === 1 ? 'field is' : 'fields are'} wrong; see details`,
    faults,
  );

export const notFound = (tenant: string, id: string): ApiAnswer =>
  fault(404, 'NOT_FOUND', `there is no service ${id} in tenant ${tenant}`);
