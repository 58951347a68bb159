// Which function answers which route; complete by type.
import type { RouteKey } from '../contract/routes.ts';
import { postCancel, postCheck, postHeartbeat, postRestart } from './asking.ts';
import { getFleet, getHealth, getInfo, getOpenapi, putFleet } from './fleet-and-self.ts';
import { getEvents, getRestart, getRestarts, getService, listServices } from './looking.ts';
import { deleteService, postService, putService } from './registering.ts';
import type { Route } from './request.ts';

export const routeTable: Readonly<Record<RouteKey, Route>> = {
  'PUT /services/{id}': putService,
  'POST /services': postService,
  'GET /services': listServices,
  'GET /services/{id}': getService,
  'DELETE /services/{id}': deleteService,
  'POST /services/{id}/check': postCheck,
  'POST /services/{id}/heartbeat': postHeartbeat,
  'POST /services/{id}/restart': postRestart,
  'GET /services/{id}/restart': getRestart,
  'POST /services/{id}/restart/cancel': postCancel,
  'GET /services/{id}/restarts': getRestarts,
  'GET /services/{id}/events': getEvents,
  'GET /fleet': getFleet,
  'PUT /fleet': putFleet,
  'GET /health': getHealth,
  'GET /info': getInfo,
  'GET /openapi.json': getOpenapi,
};
