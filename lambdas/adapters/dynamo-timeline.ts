// The failure records of a service, newest first, gone by time to live. Ended restarts stand a second time under a key
// of their own, so that the history of restarts is one query.
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';

import { keys } from '../contract/table.ts';
import { endsRestart, timelineRecordSchema } from '../core/timeline.ts';
import type { ServiceKey, Timeline } from '../ports.ts';
import { request, type Table } from './dynamo-client.ts';

export function createDynamoTimeline({ client, name: TableName }: Table): Timeline {
  const page = async (
    key: ServiceKey,
    range: { from: string; to: string; limit: number },
    abortSignal: AbortSignal,
  ) => {
    const { Items = [] } = await request(key.id, () =>
      client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: { ':pk': keys.timeline(key.tenant, key.id), ':from': range.from, ':to': range.to },
          ScanIndexForward: false,
          Limit: range.limit,
        }),
        { abortSignal },
      ),
    );
    return Items.map((item) => timelineRecordSchema.parse(item));
  };

  return {
    async append(record, expiresAt, abortSignal) {
      const pk = keys.timeline(record.tenant, record.id);
      const ttl = Math.floor(expiresAt / 1000);
      const put = (sk: string) =>
        request(record.id, () =>
          client.send(new PutCommand({ TableName, Item: { ...record, pk, sk, ttl } }), { abortSignal }),
        );
      await put(keys.event(record.at, record.intentId));
      if (endsRestart(record.kind)) await put(keys.restart(record.at, record.intentId));
    },

    events(key, { limit, before }, signal) {
      const to = before === undefined ? `${keys.eventPrefix}~` : keys.eventBefore(before);
      return page(key, { from: keys.eventPrefix, to, limit }, signal);
    },

    restarts(key, { limit }, signal) {
      return page(key, { from: keys.restartPrefix, to: `${keys.restartPrefix}~`, limit }, signal);
    },
  };
}
