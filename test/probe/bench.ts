// A table and two probe queues for the exported handlers of schedule and probe. Each handler reads its environment at
// its first call, and that comes after this.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import dynalite from 'dynalite';

import { openTable } from '../../lambdas/adapters/dynamo-client.ts';
import type { ProbeMessage } from '../../lambdas/contract/messages.ts';
import { ensureTable } from '../../local/table.ts';
import { openStores } from '../engine/open-stores.ts';
import { makeQueue, startEndpoint } from '../local/queue-endpoint.ts';

const TABLE = 'lamplighter';

/** One shard; `own` and `other` are the queues as the function under test sees them. */
export async function openBench(env: Readonly<Record<string, string>> = {}) {
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
  const [own, other] = [await makeQueue(endpoint.sqs, 'own'), await makeQueue(endpoint.sqs, 'other')];
  Object.assign(process.env, {
    LAMPLIGHTER_TABLE: TABLE,
    LAMPLIGHTER_SHARDS: '1',
    LAMPLIGHTER_PROBE_QUEUE_URL: own,
    LAMPLIGHTER_OTHER_PROBE_QUEUE_URL: other,
    LAMPLIGHTER_ECS_PROBE_QUEUE_URL: '',
    LAMPLIGHTER_ECS_STATE: 'no',
    LAMPLIGHTER_RESTART_QUEUE_URL: await makeQueue(endpoint.sqs, 'restart'),
    LAMPLIGHTER_ALERT_QUEUE_URL: await makeQueue(endpoint.sqs, 'alert'),
    LAMPLIGHTER_ALLOWED_RANGES: '',
    LAMPLIGHTER_MAX_IN_FLIGHT: '10',
    LAMPLIGHTER_STORM: '{"share":0.3,"least":5,"cooldownSeconds":120}',
    LAMPLIGHTER_RETENTION_DAYS: '1',
    ...env,
  });
  const table = openTable(TABLE, new DynamoDBClient({}));
  /** What was put on a queue since the last question. */
  const taken = async (QueueUrl: string): Promise<ProbeMessage[]> => {
    const VisibilityTimeout = 600;
    const command = new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout, MaxNumberOfMessages: 10 });
    const { Messages = [] } = await endpoint.sqs.send(command);
    return Messages.map(({ Body = '' }) => JSON.parse(Body) as ProbeMessage);
  };
  return {
    stores: openStores(table, 1),
    own: () => taken(own),
    other: () => taken(other),
    async stop() {
      table.client.destroy();
      await endpoint.stop();
      await new Promise<void>((resolve) => engine.close(() => resolve()));
    },
  };
}
