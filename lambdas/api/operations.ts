// What each route of the API does, takes and answers: the operations of the OpenAPI document, in words for people.
import type * as z from 'zod/mini';

import type { RouteKey } from '../contract/routes.ts';
import { eventsQuery, exportQuery, fleetEventsQuery, fleetExportQuery } from './event-schemas.ts';
import {
  auditQuery,
  fleetAuditQuery,
  fleetStatsQuery,
  listQuery,
  restartsQuery,
  statsQuery,
  tenantQuery,
  whatIfQuery,
} from './schemas.ts';

/** One route of the contract; what all routes have in common is left out. */
type Operation = Readonly<{
  summary: string;
  query?: z.ZodMiniObject;
  body?: string;
  success: readonly [status: number, meaning: string];
  /** Answers in the shape of an error. */
  refusals?: Readonly<Record<number, string>>;
  /** Further answers in the shape of the success. */
  also?: Readonly<Record<number, string>>;
}>;

export const operations: Readonly<Record<RouteKey, Operation>> = {
  'PUT /services/{id}': {
    summary: 'Register or replace a service',
    query: tenantQuery,
    body: 'Registration',
    success: [201, 'created'],
    also: { 200: 'replaced' },
  },
  'POST /services': {
    summary: 'Register or replace a service, with its id in the document',
    body: 'Registration',
    success: [201, 'created'],
    also: { 200: 'replaced' },
  },
  'GET /services': { summary: 'List services', query: listQuery, success: [200, 'one page of services'] },
  'GET /services/{id}': {
    summary: 'One service: registration, health, incident and restart',
    query: tenantQuery,
    success: [200, 'the service'],
    refusals: { 404: 'no such service' },
  },
  'DELETE /services/{id}': {
    summary: 'Remove a service',
    query: tenantQuery,
    success: [204, 'removed'],
    refusals: { 404: 'no such service' },
  },
  'POST /services/{id}/check': {
    summary: 'Look at a service now',
    query: tenantQuery,
    success: [202, 'it will be probed'],
    refusals: { 404: 'no such service' },
  },
  'POST /services/{id}/heartbeat': {
    summary: 'A service reports that it lives',
    query: tenantQuery,
    success: [204, 'noted'],
    refusals: { 404: 'no such service', 409: 'NO_HEARTBEAT_PROBE' },
  },
  'POST /services/{id}/restart': {
    summary: 'Ask for a restart',
    query: tenantQuery,
    body: 'RestartRequest',
    success: [202, 'ordered'],
    refusals: { 404: 'no such service', 409: 'RESTART_001, RESTART_LIMIT, NO_RESTART_STEPS or NO_RELOAD' },
  },
  'GET /services/{id}/restart': {
    summary: 'The phase of the present or last restart',
    query: tenantQuery,
    success: [200, 'the restart'],
    refusals: { 404: 'no such service' },
  },
  'POST /services/{id}/restart/cancel': {
    summary: 'Cancel a restart that is being prepared',
    query: tenantQuery,
    body: 'CancelRequest',
    success: [200, 'cancelled; or being cancelled, while what was done before it is undone'],
    refusals: { 404: 'no such service', 409: 'RESTART_002' },
  },
  'GET /services/{id}/restarts': {
    summary: 'Ended restarts, newest first',
    query: restartsQuery,
    success: [200, 'the restarts'],
  },
  'POST /services/{id}/pause': {
    summary: 'Take a service out of service: probed, but neither restarted nor alerted on',
    query: tenantQuery,
    body: 'PauseRequest',
    success: [200, 'paused'],
    refusals: { 404: 'no such service' },
  },
  'POST /services/{id}/resume': {
    summary: 'End the pause of a service',
    query: tenantQuery,
    body: 'ResumeRequest',
    success: [200, 'not paused'],
    refusals: { 404: 'no such service' },
  },
  'POST /services/{id}/acknowledge': {
    summary: 'Take the open incident of a service upon oneself: no reminders, no escalation',
    query: tenantQuery,
    body: 'AcknowledgeRequest',
    success: [200, 'acknowledged'],
    refusals: { 404: 'no such service', 409: 'NO_INCIDENT' },
  },
  'GET /services/{id}/events': {
    summary: 'What was seen and done, newest first',
    query: eventsQuery,
    success: [200, 'the events'],
  },
  'GET /services/{id}/events/export': {
    summary: 'The same as a file; x-next-before of its headers leads on',
    query: exportQuery,
    success: [200, 'the file, application/x-ndjson or text/csv'],
  },
  'GET /services/{id}/audit': {
    summary: 'Who asked for what, newest first; also for a service that is gone',
    query: auditQuery,
    success: [200, 'the entries'],
  },
  'GET /services/{id}/stats': {
    summary: 'Numbers of a window: uptime, latency, failures, restarts; also of a service that is gone',
    query: statsQuery,
    success: [200, 'the numbers'],
    refusals: { 404: 'no such service, and no numbers of one' },
  },
  'GET /projects/{project}/stats': {
    summary: 'The numbers of all services of a project',
    query: statsQuery,
    success: [200, 'the numbers'],
    refusals: { 404: 'no numbers of such a project in this window' },
  },
  'GET /stats': { summary: 'The numbers of the whole fleet', query: fleetStatsQuery, success: [200, 'the numbers'] },
  'GET /services/{id}/what-if': {
    summary: 'What recorded verdicts would have come to with other settings, beside the present ones',
    query: whatIfQuery,
    success: [200, 'both, and how much history there was'],
    refusals: { 404: 'no such service' },
  },
  'GET /services/{id}/suggestion': {
    summary: 'The failure threshold that the history of a service suggests, and why',
    query: tenantQuery,
    success: [200, 'the suggestion; failureThreshold is null where the history is too short to say'],
    refusals: { 404: 'no such service' },
  },
  'POST /services/{id}/suggestion/apply': {
    summary: 'Register a service with the failure threshold that is suggested',
    query: tenantQuery,
    body: 'ApplySuggestion',
    success: [200, 'registered'],
    refusals: { 404: 'no such service', 409: 'NO_SUGGESTION or SUGGESTION_CHANGED' },
  },
  'GET /events': {
    summary: 'What was seen and done in the whole fleet, newest first',
    query: fleetEventsQuery,
    success: [200, 'the events'],
  },
  'GET /events/export': {
    summary: 'The same as a file; x-next-before of its headers leads on',
    query: fleetExportQuery,
    success: [200, 'the file, application/x-ndjson or text/csv'],
  },
  'GET /fleet': { summary: 'The fleet: healths and switches', success: [200, 'the fleet'] },
  'PUT /fleet': {
    summary: 'Switch automatic restarts on or off for everyone',
    body: 'FleetControl',
    success: [200, 'switched'],
  },
  'GET /fleet/audit': {
    summary: 'Who asked for what of the whole fleet, newest first',
    query: fleetAuditQuery,
    success: [200, 'the entries'],
  },
  'GET /drift': {
    summary: 'Where ECS and the registrations differ, as discovery saw it last',
    success: [200, 'the drift, or why there is none: status off or not_run_yet'],
  },
  'GET /health': {
    summary: 'Whether the rounds run',
    success: [200, 'they run'],
    also: { 503: 'rounds have stopped' },
  },
  'GET /info': { summary: 'Version and build', success: [200, 'the build'] },
  'GET /openapi.json': { summary: 'This document', success: [200, 'the document'] },
};
