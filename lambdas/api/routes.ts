// Which function answers which route; complete by type.
import type { RouteKey } from '../contract/routes.ts';
import { postAcknowledge } from './acknowledging.ts';
import { postCancel, postCheck, postHeartbeat, postRestart } from './asking.ts';
import { audited } from './audited.ts';
import { getDrift } from './drift.ts';
import { getEvents, getEventsExport, getFleetEvents, getFleetEventsExport } from './events.ts';
import { getFleet, getHealth, getInfo, getOpenapi, putFleet } from './fleet-and-self.ts';
import { getAudit, getFleetAudit, getRestarts } from './histories.ts';
import { getSuggestion, getWhatIf, postApplySuggestion } from './learning.ts';
import { getRestart, getService, listServices } from './looking.ts';
import { postPause, postResume } from './pausing.ts';
import { deleteService, postService, putService } from './registering.ts';
import type { Route } from './request.ts';
import { getFleetStats, getProjectStats, getServiceStats } from './stats.ts';

export const routeTable: Readonly<Record<RouteKey, Route>> = {
  'PUT /services/{id}': putService,
  'POST /services': postService,
  'GET /services': listServices,
  'GET /services/{id}': getService,
  'DELETE /services/{id}': deleteService,
  'POST /services/{id}/check': postCheck,
  'POST /services/{id}/heartbeat': postHeartbeat,
  'POST /services/{id}/restart': audited('restart.requested', postRestart),
  'GET /services/{id}/restart': getRestart,
  'POST /services/{id}/restart/cancel': audited('restart.cancelled', postCancel),
  'GET /services/{id}/restarts': getRestarts,
  'POST /services/{id}/pause': audited('service.paused', postPause),
  'POST /services/{id}/resume': audited('service.resumed', postResume),
  'POST /services/{id}/acknowledge': audited('incident.acknowledged', postAcknowledge),
  'GET /services/{id}/events': getEvents,
  'GET /services/{id}/events/export': getEventsExport,
  'GET /services/{id}/audit': getAudit,
  'GET /services/{id}/stats': getServiceStats,
  'GET /projects/{project}/stats': getProjectStats,
  'GET /stats': getFleetStats,
  'GET /services/{id}/what-if': getWhatIf,
  'GET /services/{id}/suggestion': getSuggestion,
  'POST /services/{id}/suggestion/apply': postApplySuggestion,
  'GET /events': getFleetEvents,
  'GET /events/export': getFleetEventsExport,
  'GET /fleet': getFleet,
  'PUT /fleet': audited('fleet.switched', putFleet),
  'GET /fleet/audit': getFleetAudit,
  'GET /drift': getDrift,
  'GET /health': getHealth,
  'GET /info': getInfo,
  'GET /openapi.json': getOpenapi,
};
