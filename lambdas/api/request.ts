// A request and an answer as the routes see them, without API Gateway's formats.
import type { RouteKey } from '../contract/routes.ts';
import type { Fault } from '../core/faults.ts';
import type { Limits } from '../core/registration/check-registration.ts';
import type { ChangePorts } from '../flow/change-service.ts';
import type { TargetPorts } from '../flow/follow-targets.ts';
import type { AlertWindows } from '../ports/alerts.ts';
import type { DriftStore } from '../ports/discovery.ts';
import type { FleetStore } from '../ports/fleet-store.ts';
import type { Jitter } from '../ports/process.ts';
import type { ProbeQueue } from '../ports/queues.ts';
import type { RollupStore } from '../ports/rollup-store.ts';
import type { AuditLog, ResultStore, Timeline } from '../ports/timeline.ts';

export type ApiRequest = Readonly<{
  routeKey: RouteKey;
  id?: string | undefined;
  project?: string | undefined;
  query: Readonly<Record<string, string | undefined>>;
  /** Parsed JSON, or `undefined` when there was no body. */
  body: unknown;
  /** The caller according to the authorizer; stored with every change. */
  caller: string;
  correlationId: string;
  /** The id of the invocation; unlike the correlation id, a caller cannot choose it. */
  requestId?: string | undefined;
}>;

/** `code`: that of a refusal, as in the body. `text`: a file instead of JSON; its headers give the type. */
export type ApiAnswer = Readonly<{
  status: number;
  body?: unknown;
  code?: string;
  text?: string;
  headers?: Readonly<Record<string, string>>;
}>;

export type ApiPorts = ChangePorts &
  TargetPorts &
  Readonly<{
    fleet: FleetStore;
    results: ResultStore;
    timeline: Timeline;
    rollups: RollupStore;
    audit: AuditLog;
    drift: DriftStore;
    /** Alerts that wait to be sent together. */
    windows: Pick<AlertWindows, 'all'>;
    /** ECS clusters that discovery looks into; empty if it is off. */
    discoveryClusters: readonly string[];
    probeQueue: ProbeQueue;
    jitter: Jitter;
    shards: number;
    /** How long records are kept. */
    retentionMs: number;
    /** How many restarts may be under way in the fleet at once. */
    maxRestarts: number;
    limits: Limits;
    build: Readonly<{ version: string; commit: string; builtAt: string }>;
  }>;

export type Route = (request: ApiRequest, ports: ApiPorts, signal: AbortSignal) => Promise<ApiAnswer>;

export const ok = (body: unknown, status = 200): ApiAnswer => ({ status, body });

/** The one shape of all errors. */
export function fault(status: number, code: string, message: string, details: readonly Fault[] = []): ApiAnswer {
  return { status, body: { error: { code, message, details } }, code };
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
