// The contract of the API as an OpenAPI 3.1 document, generated from the zod schemas that decode the requests.
import * as z from 'zod/mini';

import { type RouteKey, routes } from '../contract/routes.ts';
import { idSchema, registrationSchema } from '../core/model/service.ts';
import { operations } from './operations.ts';
import { acknowledgeBody, applyBody, cancelBody, fleetBody, pauseBody, restartBody, resumeBody } from './schemas.ts';

const errorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.array(z.object({ path: z.string(), message: z.string() })),
  }),
});
const json = (name: string) => ({ 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } });
const schemaOf = (schema: z.core.$ZodType) => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
};

export function openapiDocument(version: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const [method = '', path = ''] = route.split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationObject(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Lamplighter', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      schemas: {
        Registration: schemaOf(registrationSchema),
        RestartRequest: schemaOf(restartBody),
        CancelRequest: schemaOf(cancelBody),
        PauseRequest: schemaOf(pauseBody),
        ResumeRequest: schemaOf(resumeBody),
        AcknowledgeRequest: schemaOf(acknowledgeBody),
        ApplySuggestion: schemaOf(applyBody),
        FleetControl: schemaOf(fleetBody),
        Error: schemaOf(errorSchema),
      },
    },
  };
}

function operationObject(route: RouteKey) {
  const { summary, query, body, success, refusals = {}, also = {} } = operations[route];
  const [status, meaning] = success;
  const errors = { ...(query || body ? { 400: 'a field is wrong; details name each by its path' } : {}), ...refusals };
  return {
    operationId: operationId(route),
    summary,
    parameters: [
      ...(route.includes('{id}') ? [{ name: 'id', in: 'path', required: true, schema: schemaOf(idSchema) }] : []),
      ...(route.includes('{project}')
        ? [{ name: 'project', in: 'path', required: true, schema: { type: 'string' } }]
        : []),
      ...queryParameters(query),
    ],
    ...(body && { requestBody: { required: true, content: json(body) } }),
    responses: {
      [status]: { description: meaning },
      ...Object.fromEntries(Object.entries(also).map(([code, description]) => [code, { description }])),
      ...Object.fromEntries(
        Object.entries(errors).map(([code, description]) => [code, { description, content: json('Error') }]),
      ),
    },
  };
}

function queryParameters(query: z.ZodMiniObject | undefined) {
  return Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: schemaOf(schema),
  }));
}

/** `POST /services/{id}/restart` becomes `postServicesIdRestart`. */
const operationId = (route: RouteKey) =>
  route
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '')
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
