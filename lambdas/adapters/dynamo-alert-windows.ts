// Alerts that wait to be sent together: one item for each project, so that every step is one conditional write.
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';

import { keys } from '../contract/table.ts';
import { type GroupPlace, noWindows, windowsSchema } from '../core/alerts/group.ts';
import { mostInGroup } from '../core/alerts/group-notice.ts';
import type { AlertWindows } from '../ports/alerts.ts';
import { allPages, conditionally, request, type Table } from './dynamo-client.ts';

const itemSchema = z.object({ tenant: z.string(), project: z.nullable(z.string()) });
const keyOf = ({ tenant, project }: GroupPlace) => ({ pk: keys.windows, sk: keys.window(tenant, project) });

export function createDynamoAlertWindows({ client, name: TableName }: Table): AlertWindows {
  return {
    async read(place, abortSignal) {
      const { Item } = await request('the alerts that wait', () =>
        client.send(new GetCommand({ TableName, Key: keyOf(place), ConsistentRead: true }), { abortSignal }),
      );
      return Item ? windowsSchema.parse(Item) : noWindows;
    },

    save: ({ tenant, project }, windows, abortSignal) =>
      conditionally('the alerts that wait', () =>
        client.send(
          new PutCommand({
            TableName,
            Item: { ...keyOf({ tenant, project }), tenant, project, ...windows },
            ConditionExpression: windows.version === 1 ? 'attribute_not_exists(pk)' : 'version = :before',
            ...(windows.version > 1 && { ExpressionAttributeValues: { ':before': windows.version - 1 } }),
          }),
          { abortSignal },
        ),
      ),

    // No condition on the version: many alerts that come at once must not fail each other's write. The version still
    // goes up, so that an invocation that closes the window without this alert loses.
    add: (place, { kind, windowId, key, document }, abortSignal) =>
      conditionally('the alerts that wait', () =>
        client.send(
          new UpdateCommand({
            TableName,
            Key: keyOf(place),
            UpdateExpression: 'SET #kind.#held.#key = :document ADD #version :one',
            ConditionExpression:
              '#kind.#id = :id AND (size(#kind.#held) < :most OR attribute_exists(#kind.#held.#key))',
            ExpressionAttributeNames: {
              ...{ '#kind': kind, '#id': 'id', '#held': 'held', '#key': key, '#version': 'version' },
            },
            ExpressionAttributeValues: { ':id': windowId, ':document': document, ':one': 1, ':most': mostInGroup },
          }),
          { abortSignal },
        ),
      ),

    async all(abortSignal) {
      const items = await allPages('the alerts that wait', (ExclusiveStartKey) =>
        client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': keys.windows },
            ExclusiveStartKey,
          }),
          { abortSignal },
        ),
      );
      return items.map((item) => ({ place: itemSchema.parse(item), windows: windowsSchema.parse(item) }));
    },
  };
}
