// The API as API Gateway calls it: the exported handler, on the embedded table and a local queue. The handler reads its
// environment at the first call, and that comes after this file.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { BatchWriteCommand, DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { afterAll, beforeEach } from 'vitest';

import { openTable } from '../../lambdas/adapters/dynamo-client.ts';
import { handler } from '../../lambdas/api/handler.ts';
import type { CheckMessage } from '../../lambdas/contract/messages.ts';
import type { Network } from '../../lambdas/contract/networks.ts';
import type { RouteKey } from '../../lambdas/contract/routes.ts';
import type { State } from '../../lambdas/core/model/state.ts';
import type { TimelineRecord } from '../../lambdas/core/model/timeline.ts';
import { type PackedResult, packResults } from '../../lambdas/core/rounds/packed-row.ts';
import { shardOf } from '../../lambdas/core/values/hash.ts';
import { ensureTable } from '../../local/table.ts';
import { openStores } from '../engine/open-stores.ts';
import { makeQueue, startEndpoint } from '../local/queue-endpoint.ts';
import { recorded } from '../make/recorded.ts';
import { type Document, makeDocument } from '../make/service.ts';
import { T0 } from '../make/state.ts';
import { contextFor, httpEvent } from '../runtime/invoke.ts';

const TABLE = 'lamplighter';
export const SHARDS = 4;
export const { signal } = new AbortController();

const engine = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
await once(engine.listen(0, '127.0.0.1'), 'listening');
const endpoint = await startEndpoint();
Object.assign(process.env, {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${(engine.address() as AddressInfo).port}`,
  AWS_ENDPOINT_URL_SQS: endpoint.origin,
  POWERTOOLS_LOG_LEVEL: 'SILENT',
});
await ensureTable(TABLE);
const queues = { probe: await makeQueue(endpoint.sqs, 'probe'), restart: await makeQueue(endpoint.sqs, 'restart') };
Object.assign(process.env, {
  LAMPLIGHTER_TABLE: TABLE,
  LAMPLIGHTER_SHARDS: String(SHARDS),
  LAMPLIGHTER_PROBE_QUEUE_URL: queues.probe,
  LAMPLIGHTER_RESTART_QUEUE_URL: queues.restart,
  LAMPLIGHTER_ALERT_QUEUE_URL: await makeQueue(endpoint.sqs, 'alert'),
  LAMPLIGHTER_ALLOWED_RANGES: '10.20.0.0/16',
  LAMPLIGHTER_NETWORKS: 'public,private',
  LAMPLIGHTER_DOCUMENTS: `Lamplighter-RestartLinux=${'0'.repeat(64)}`,
  LAMPLIGHTER_MIN_INTERVAL_SECONDS: '10',
  LAMPLIGHTER_RETENTION_DAYS: '30',
  LAMPLIGHTER_AUDIT_RETENTION_DAYS: '365',
  LAMPLIGHTER_MAX_RESTARTS: '2',
  LAMPLIGHTER_ECS_STATE: 'no',
  LAMPLIGHTER_DISCOVERY_CLUSTERS: 'prod',
  LAMPLIGHTER_BUILD: '{"version":"9.8.7","commit":"abc123","builtAt":"2026-01-05T08:00:00Z"}',
});

const table = openTable(TABLE, new DynamoDBClient({}));
/** The same table, for what rounds would have written. */
export const stores = openStores(table, SHARDS);

type Question = Readonly<{
  id?: string;
  project?: string;
  query?: Record<string, string>;
  body?: unknown;
  text?: string;
  caller?: string;
}>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are looked into field by field
export type Answer = { status: number; body: any; text: string; correlationId: unknown };

export async function ask(route: RouteKey | 'GET /nothing', question: Question = {}): Promise<Answer> {
  const { statusCode = 0, body: answered = '', headers = {} } = await call(route, question);
  const correlationId = headers['x-correlation-id'];
  return { status: statusCode, body: answered && JSON.parse(answered), text: answered, correlationId };
}

/** The same for an answer that is a file. */
export async function askFile(route: RouteKey, question: Question = {}) {
  const { statusCode: status, body: text = '', headers = {} } = await call(route, question);
  return { status, text, headers };
}

function call(route: string, { id, project, query, body, text, caller }: Question) {
  return handler(
    httpEvent(route, {
      ...(id !== undefined && { pathParameters: { id } }),
      ...(project !== undefined && { pathParameters: { project } }),
      ...(query && { queryStringParameters: query }),
      body: text ?? (body === undefined ? undefined : JSON.stringify(body)),
      ...(caller !== undefined && { authorizer: { iam: { userArn: caller } } }),
    }),
    contextFor(),
  );
}

export const register = (change: Partial<Document> = {}) => ask('POST /services', { body: makeDocument(change) });

/** Changes the state as a flow would have, behind the API's back. */
export async function setState(id: string, change: Partial<State>, tenant = 'default'): Promise<void> {
  const stored = await stores.services.read({ tenant, id }, signal);
  if (!stored) throw new Error(`there is no ${id}`);
  await stores.services.saveState(stored, { ...stored.state, ...change }, signal);
}

/** The packed row that a round would have written for one service. */
export async function roundAt(
  beat: number,
  result: Partial<PackedResult> = {},
  late = 0,
  network: Network = 'public',
): Promise<void> {
  const one: PackedResult = {
    tenant: 'default',
    id: 'billing-api',
    verdict: 'up',
    cause: 'none',
    latencyMs: 12,
    ...result,
  };
  const row = {
    shard: shardOf(one.tenant, one.id, SHARDS),
    network,
    beat,
    startedAt: beat + late,
    finishedAt: beat + late,
  };
  const results = packResults([one]);
  await stores.results.saveRow({ ...row, due: 1, checked: 1, results }, Date.now() + 60_000, signal);
}

/** Rounds that saw these verdicts of billing-api, the last of them at `until` (epoch ms). */
export async function roundsOf(text: string, until: number, everySeconds = 60): Promise<void> {
  const seen = recorded(text, { everySeconds });
  const from = until - (seen.length - 1) * everySeconds * 1000;
  for (let done = 0; done < seen.length; done += 50)
    await Promise.all(
      seen
        .slice(done, done + 50)
        .map(({ beat, ...result }) => roundAt(from + beat - T0, { ...result, latencyMs: undefined })),
    );
}

export async function happened(at: number, change: Partial<TimelineRecord> = {}): Promise<void> {
  await stores.timeline.append(
    {
      ...{ at, intentId: `int-${at}`, tenant: 'default', id: 'billing-api' },
      ...{ kind: 'unhealthy', level: 'warning', message: 'timeout', action: 'none' },
      ...change,
    },
    Date.now() + 60_000,
    signal,
  );
}

/** What was put on a queue since the last question. */
export async function taken(name: keyof typeof queues): Promise<CheckMessage[]> {
  const { Messages = [] } = await endpoint.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queues[name],
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 0,
      VisibilityTimeout: 600,
    }),
  );
  return Messages.map(({ Body = '' }) => JSON.parse(Body) as CheckMessage);
}

beforeEach(async () => {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const { Items = [] } = await client.send(new ScanCommand({ TableName: TABLE, ProjectionExpression: 'pk, sk' }));
  for (let from = 0; from < Items.length; from += 25) {
    const requests = Items.slice(from, from + 25).map((Key) => ({ DeleteRequest: { Key } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [TABLE]: requests } }));
  }
  client.destroy();
  while ((await taken('probe')).length > 0 || (await taken('restart')).length > 0);
});

afterAll(async () => {
  table.client.destroy();
  await endpoint.stop();
  await new Promise<void>((resolve) => engine.close(() => resolve()));
});
