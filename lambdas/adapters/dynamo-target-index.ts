// The index from targets to services: one small item for each target that a registration names.
import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';

import type { Target } from '../contract/messages.ts';
import { keys } from '../contract/table.ts';
import type { ServiceKey, TargetIndex } from '../ports/service-store.ts';
import { allPages, request, type Table } from './dynamo-client.ts';

const pointerSchema = z.object({ tenant: z.string(), id: z.string() });

export function createDynamoTargetIndex({ client, name: TableName }: Table): TargetIndex {
  const keyOf = ({ tenant, id }: ServiceKey, target: Target) => ({
    pk: keys.target(target),
    sk: keys.service(tenant, id),
  });
  return {
    async point(key, targets, abortSignal) {
      const put = (target: Target) => {
        const Item = { ...keyOf(key, target), tenant: key.tenant, id: key.id };
        return request(target, () => client.send(new PutCommand({ TableName, Item }), { abortSignal }));
      };
      await Promise.all(targets.map(put));
    },

    async unpoint(key, targets, abortSignal) {
      const strike = (target: Target) =>
        request(target, () => client.send(new DeleteCommand({ TableName, Key: keyOf(key, target) }), { abortSignal }));
      await Promise.all(targets.map(strike));
    },

    async services(target, abortSignal) {
      const items = await allPages(target, (ExclusiveStartKey) =>
        client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': keys.target(target) },
            ConsistentRead: true,
            ExclusiveStartKey,
          }),
          { abortSignal },
        ),
      );
      return items.map((item) => pointerSchema.parse(item));
    },
  };
}
