// How many text messages were sent in a month: one item per month, deleted when it is no longer needed.
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';

import { keys } from '../contract/table.ts';
import type { SmsCounter } from '../ports/alerts.ts';
import { conditionally, type Table } from './dynamo-client.ts';

const SUBJECT = 'the count of text messages';
const KEPT_SECONDS = 400 * 86_400;
const countSchema = z.object({ sent: z._default(z.int(), 0) });

export function createDynamoSmsCounter({ client, name: TableName }: Table): SmsCounter {
  const keyOf = (at: number) => ({ TableName, Key: { pk: keys.sms, sk: keys.month(at) } });
  const ttlOf = (at: number) => Math.floor(at / 1000) + KEPT_SECONDS;

  return {
    async count(at, copies, limit, abortSignal) {
      if (copies > limit) return false;
      return await conditionally(SUBJECT, () =>
        client.send(
          new UpdateCommand({
            ...keyOf(at),
            UpdateExpression: 'ADD sent :copies SET #ttl = :ttl',
            ConditionExpression: 'attribute_not_exists(sent) OR sent <= :most',
            ExpressionAttributeNames: { '#ttl': 'ttl' },
            ExpressionAttributeValues: { ':copies': copies, ':most': limit - copies, ':ttl': ttlOf(at) },
          }),
          { abortSignal },
        ),
      );
    },

    async giveBack(at, copies, abortSignal) {
      await conditionally(SUBJECT, () =>
        client.send(
          new UpdateCommand({
            ...keyOf(at),
            UpdateExpression: 'ADD sent :less',
            ExpressionAttributeValues: { ':less': -copies },
          }),
          { abortSignal },
        ),
      );
    },

    async claimWarning(at, until, abortSignal) {
      let sent: number | undefined;
      await conditionally(SUBJECT, async () => {
        const { Attributes } = await client.send(
          new UpdateCommand({
            ...keyOf(at),
            UpdateExpression: 'SET claimedUntil = :until, #ttl = :ttl',
            ConditionExpression:
              'attribute_not_exists(warnedAt) AND (attribute_not_exists(claimedUntil) OR claimedUntil < :now)',
            ExpressionAttributeNames: { '#ttl': 'ttl' },
            ExpressionAttributeValues: { ':until': until, ':now': at, ':ttl': ttlOf(at) },
            ReturnValues: 'ALL_NEW',
          }),
          { abortSignal },
        );
        ({ sent } = countSchema.parse(Attributes));
      });
      return sent;
    },

    async warned(at, abortSignal) {
      await conditionally(SUBJECT, () =>
        client.send(
          new UpdateCommand({
            ...keyOf(at),
            UpdateExpression: 'SET warnedAt = :now',
            ExpressionAttributeValues: { ':now': at },
          }),
          { abortSignal },
        ),
      );
    },
  };
}
