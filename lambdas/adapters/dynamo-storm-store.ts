// The one item that lists the parts of the fleet that fail together.
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';

import { keys } from '../contract/table.ts';
import { noStorms, stormsSchema } from '../core/health/storm.ts';
import type { StormStore } from '../ports/fleet-store.ts';
import { conditionally, request, type Table } from './dynamo-client.ts';

const Key = { pk: keys.fleet, sk: keys.storm };

export function createDynamoStormStore({ client, name: TableName }: Table): StormStore {
  return {
    async read(abortSignal) {
      const { Item } = await request('the storms', () =>
        client.send(new GetCommand({ TableName, Key, ConsistentRead: true }), { abortSignal }),
      );
      return Item ? stormsSchema.parse(Item) : noStorms;
    },

    save: ({ version, storms }, abortSignal) =>
      conditionally('the storms', () =>
        client.send(
          new PutCommand({
            TableName,
            Item: { ...Key, version, storms },
            ConditionExpression: version === 1 ? 'attribute_not_exists(pk)' : 'version = :before',
            ...(version > 1 && { ExpressionAttributeValues: { ':before': version - 1 } }),
          }),
          { abortSignal },
        ),
      ),
  };
}
