// The one item that lists where ECS and the registrations differ.
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';

import { keys } from '../contract/table.ts';
import { driftSchema } from '../core/discovery/drift.ts';
import type { DriftStore } from '../ports/discovery.ts';
import { conditionally, request, type Table } from './dynamo-client.ts';

const Key = { pk: keys.fleet, sk: keys.drift };

export function createDynamoDriftStore({ client, name: TableName }: Table): DriftStore {
  return {
    async read(abortSignal) {
      const { Item } = await request('the drift', () =>
        client.send(new GetCommand({ TableName, Key, ConsistentRead: true }), { abortSignal }),
      );
      // An item of another version is dropped: the next run writes it again.
      return z.safeParse(driftSchema, Item).data;
    },

    async save(drift, abortSignal) {
      await conditionally('the drift', () =>
        client.send(
          new PutCommand({
            TableName,
            Item: { ...Key, ...drift },
            ConditionExpression: 'attribute_not_exists(pk) OR #at <= :at',
            ExpressionAttributeNames: { '#at': 'at' },
            ExpressionAttributeValues: { ':at': drift.at },
          }),
          { abortSignal },
        ),
      );
    },
  };
}
