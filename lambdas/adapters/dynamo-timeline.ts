// The failure records of a service, newest first, gone by time to live. Ended restarts stand a second time under a key
// of their own, so that the history of restarts is one query.
import { PutCommand } from '@aws-sdk/lib-dynamodb';

import { keys } from '../contract/table.ts';
import { endsRestart, timelineRecordSchema } from '../core/model/timeline.ts';
import type { ServiceKey, Timeline } from '../ports.ts';
import { request, type Table } from './dynamo-client.ts';
import { newestFirst } from './dynamo-history.ts';

export function createDynamoTimeline(table: Table): Timeline {
  const { client, name: TableName } = table;
  const read = async (
    { tenant, id }: ServiceKey,
    range: { from: string; before: string; limit: number },
    signal: AbortSignal,
  ) => {
    const items = await newestFirst(table, id, { pk: keys.timeline(tenant, id), ...range }, signal);
    return items.map((item) => timelineRecordSchema.parse(item));
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
      const end = before ? keys.event(before.at, before.id) : `${keys.eventPrefix}~`;
      return read(key, { from: keys.eventPrefix, before: end, limit }, signal);
    },

    restarts(key, { limit }, signal) {
      return read(key, { from: keys.restartPrefix, before: `${keys.restartPrefix}~`, limit }, signal);
    },
  };
}
