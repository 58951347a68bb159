import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { routes } from '../../lambdas/contract/routes.ts';
import { ecsStep, makeDocument, ssmStep } from '../make/service.ts';
import { ask } from './api-bench.ts';

type Schema = Record<string, unknown>;
type Operation = {
  operationId: string;
  summary: string;
  parameters: { name: string; in: string; required: boolean; schema: Schema }[];
  requestBody?: { required: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>;
};
type Description = {
  openapi: string;
  info: { title: string; version: string; license: object };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

const { body } = await ask('GET /openapi.json');
const described = body as Description;
const operations = Object.entries(described.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, operation })),
);

/** Every value found under a key, however deep. */
const valuesOf = (value: unknown, key: string): unknown[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...valuesOf(inner, key)]);
const compiled = (name: string) => z.fromJSONSchema(described.components.schemas[name] as never);

describe('the OpenAPI document', () => {
  it('says what it is', () => {
    expect(described).toMatchObject({ openapi: '3.1.0', info: { title: 'Lamplighter', version: '9.8.7' } });
    expect(Object.keys(described).toSorted()).toEqual(['components', 'info', 'openapi', 'paths']);
  });

  it('describes exactly the routes that there are', () => {
    expect(operations.map(({ route }) => route).toSorted()).toEqual([...routes].toSorted());
  });

  it('gives every operation an id of its own, a summary and a success', () => {
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(routes.length);
    for (const { route, operation } of operations) {
      expect(operation.operationId, route).toMatch(/^[a-z][A-Za-z]+$/);
      expect(operation.summary, route).not.toBe('');
      const statuses = Object.keys(operation.responses);
      expect(
        statuses.filter((status) => /^20[0-9]$/.test(status)),
        route,
      ).toHaveLength(['PUT /services/{id}', 'POST /services'].includes(route) ? 2 : 1);
      for (const { description } of Object.values(operation.responses)) expect(description, route).not.toBe('');
    }
  });

  it.each(operations)('names the parameters of $route as its path does', ({ route, operation }) => {
    const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
    expect(inPath.map(({ name }) => name)).toEqual([...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    for (const parameter of inPath) expect(parameter.required).toBe(true);
    const names = operation.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { schema } of operation.parameters) expect(schema).toHaveProperty('type');
  });

  it('leads with every reference to something that is there', () => {
    const references = valuesOf(described, '$ref') as string[];
    expect(new Set(references)).toEqual(
      new Set(Object.keys(described.components.schemas).map((name) => `#/components/schemas/${name}`)),
    );
  });

  it('answers every refusal in the one shape of errors', async () => {
    const refusals = operations.flatMap(({ operation }) =>
      Object.entries(operation.responses).filter(([status]) => Number(status) >= 400 && status !== '503'),
    );
    expect(described.paths['/health']?.['get']?.responses['503']).not.toHaveProperty('content');
    expect(refusals.length).toBeGreaterThan(15);
    for (const [, { content }] of refusals)
      expect(content?.['application/json']?.schema).toEqual({ $ref: '#/components/schemas/Error' });
    const answer = await ask('POST /services', { body: {} });
    expect(compiled('Error').safeParse(answer.body).success).toBe(true);
  });

  it('offers no body where none is read', () => {
    const withBody = operations.filter(({ operation }) => operation.requestBody).map(({ route }) => route);
    expect(withBody.toSorted()).toEqual([
      ...[
        'POST /services',
        'POST /services/{id}/acknowledge',
        'POST /services/{id}/pause',
        'POST /services/{id}/restart',
      ],
      ...['POST /services/{id}/restart/cancel', 'POST /services/{id}/resume'],
      ...['POST /services/{id}/suggestion/apply', 'PUT /fleet', 'PUT /services/{id}'],
    ]);
  });
});

describe('the schema of a registration', () => {
  const url = 'https://billing.example.com/health';
  const documents = [
    makeDocument(),
    { id: 'a', probe: { kind: 'http', host: 'a.example.com', port: 8080 } },
    { id: 'b', probe: { kind: 'tcp', host: 'db.example.com', port: 5432, maxLatencyMs: 50 }, tags: { team: 'x' } },
    { id: 'c', probe: { kind: 'tls', host: 'c.example.com' }, policy: { profile: 'non-critical' } },
    { id: 'd', probe: { kind: 'heartbeat', graceSeconds: 60 }, alerts: { minLevel: 'error' } },
    {
      ...{ id: 'e', tenant: 'acme', name: 'E', project: 'erp', version: '1', type: 'web', apiEndpoints: [url] },
      probe: { kind: 'http', url, headers: { 'x-a': 'b' }, expect: { json: [{ path: '$.status', equals: 'UP' }] } },
      readiness: { kind: 'http', url: `${url}/ready` },
      policy: { failureThreshold: 3, window: { failures: 4, of: 8 } },
      restart: { steps: [ecsStep, ssmStep], maxRestarts: 2, windowSeconds: 600 },
    },
  ];

  it.each(documents.map((document) => ({ document })))(
    'takes $document.id, and so does the API',
    async ({ document }) => {
      expect(compiled('Registration').safeParse(document).error).toBeUndefined();
      expect(await ask('POST /services', { body: document })).toMatchObject({ status: 201 });
    },
  );

  it.each([
    ['without an id', { id: undefined }],
    ['with a wrong id', { id: 'A B' }],
    ['with an unknown field', { tresholds: 3 }],
    ['without a probe', { probe: undefined }],
    ['with an unknown kind of probe', { probe: { kind: 'ping' } }],
    ['with an interval beyond an hour', { probe: { kind: 'http', url, intervalSeconds: 3_601 } }],
    ['with an unknown kind of step', { restart: { steps: [{ kind: 'shell', command: 'reboot' }] } }],
  ])('refuses one %s, and so does the API', async (_, change) => {
    const document = JSON.parse(JSON.stringify({ ...makeDocument(), ...change })) as unknown;
    expect(compiled('Registration').safeParse(document).success).toBe(false);
    expect(await ask('POST /services', { body: document })).toMatchObject({ status: 400 });
  });

  it.each([
    ['RestartRequest', { user: 'ada', reason: 'it hangs' }, { user: 'ada' }],
    ['CancelRequest', { user: 'ada' }, {}],
    ['FleetControl', { restartsOn: false, user: 'ada' }, { restartsOn: 'no', user: 'ada' }],
  ])('of %s takes what is right and refuses what is wrong', (name, right, wrong) => {
    expect(compiled(name).safeParse(right).success).toBe(true);
    expect(compiled(name).safeParse(wrong).success).toBe(false);
  });
});
