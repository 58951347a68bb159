// The packed rows: one per shard, beat and network in use, deleted by time to live.
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';

import { networks } from '../contract/networks.ts';
import { keys } from '../contract/table.ts';
import type { ResultStore } from '../ports/timeline.ts';
import { request, type Table } from './dynamo-client.ts';

const rowSchema = z.object({
  shard: z.int(),
  network: z._default(z.enum(networks), 'public'),
  beat: z.number(),
  startedAt: z.number(),
  finishedAt: z.number(),
  due: z.int(),
  checked: z.int(),
  results: z.instanceof(Uint8Array),
});

export function createDynamoResultStore({ client, name: TableName }: Table): ResultStore {
  return {
    async saveRow(row, expiresAt, abortSignal) {
      const key = { pk: keys.results(row.shard, row.network), sk: keys.beat(row.beat) };
      const Item = { ...key, ...row, ttl: Math.floor(expiresAt / 1000) };
      await request(`results of shard ${row.shard}`, () =>
        client.send(new PutCommand({ TableName, Item }), { abortSignal }),
      );
    },

    async rows({ shard, network, from = 0, before = 9_999_999_999_999, limit }, abortSignal) {
      // A caller that pages back may have reached the beginning; the table refuses an empty range.
      if (before <= from) return [];
      const { Items = [] } = await request(`results of shard ${shard}`, () =>
        client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
            ExpressionAttributeValues: {
              ':pk': keys.results(shard, network),
              ':from': keys.beat(from),
              ':to': keys.beat(before - 1),
            },
            ScanIndexForward: false,
            Limit: limit,
          }),
          { abortSignal },
        ),
      );
      return Items.map((item) => rowSchema.parse(item));
    },
  };
}
