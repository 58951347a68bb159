// Every endpoint there is, in API Gateway's own notation. The stack makes these routes and no others; the api function
// answers exactly these; a test holds the OpenAPI document against them.

export const routes = [
  'PUT /services/{id}',
  'POST /services',
  'GET /services',
  'GET /services/{id}',
  'DELETE /services/{id}',
  'POST /services/{id}/check',
  'POST /services/{id}/heartbeat',
  'POST /services/{id}/restart',
  'GET /services/{id}/restart',
  'POST /services/{id}/restart/cancel',
  'GET /services/{id}/restarts',
  'POST /services/{id}/pause',
  'POST /services/{id}/resume',
  'POST /services/{id}/acknowledge',
  'GET /services/{id}/events',
  'GET /services/{id}/events/export',
  'GET /services/{id}/audit',
  'GET /services/{id}/stats',
  'GET /services/{id}/what-if',
  'GET /services/{id}/suggestion',
  'POST /services/{id}/suggestion/apply',
  'GET /events',
  'GET /events/export',
  'GET /projects/{project}/stats',
  'GET /stats',
  'GET /fleet',
  'PUT /fleet',
  'GET /fleet/audit',
  'GET /drift',
  'GET /health',
  'GET /info',
  'GET /openapi.json',
] as const;

export type RouteKey = (typeof routes)[number];
