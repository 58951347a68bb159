// The timeline of a service, newest first, deleted by time to live. Each record is stored a second time under its day,
// so that the fleet's history is one query per day; records of ended restarts once more under a key of their own, so
// that they too are one query.
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';

import { keys } from '../contract/table.ts';
import { endsRestart, timelineRecordSchema } from '../core/model/timeline.ts';
import type { ServiceKey } from '../ports/service-store.ts';
import type { Timeline } from '../ports/timeline.ts';
import { allPages, request, type Table } from './dynamo-client.ts';
import { newestFirst } from './dynamo-history.ts';

export function createDynamoTimeline(table: Table): Timeline {
  const { client, name: TableName } = table;
  type Range = { pk: string; from: string; before: string; limit: number };
  const read = async (subject: string, range: Range, signal: AbortSignal) => {
    const items = await newestFirst(table, subject, range, signal);
    return items.map((item) => timelineRecordSchema.parse(item));
  };
  const timelineOf = ({ tenant, id }: ServiceKey) => keys.timeline(tenant, id);

  return {
    async append(record, expiresAt, abortSignal) {
      const own = timelineOf(record);
      const ttl = Math.floor(expiresAt / 1000);
      const put = (pk: string, sk: string) =>
        request(record.id, () =>
          client.send(new PutCommand({ TableName, Item: { ...record, pk, sk, ttl } }), { abortSignal }),
        );
      await put(own, keys.event(record.at, record.intentId));
      // An invocation that is cut off in between runs again and writes the same items.
      const { at, tenant, id, intentId } = record;
      await put(keys.fleetTimeline(at), keys.fleetEvent(at, `${tenant}:${id}:${intentId}`));
      if (endsRestart(record)) await put(own, keys.restart(at, intentId));
    },

    events(key, { limit, before, from }, signal) {
      const end = before ? keys.event(before.at, before.id) : `${keys.eventPrefix}~`;
      const begin = from === undefined ? keys.eventPrefix : keys.event(from);
      return read(key.id, { pk: timelineOf(key), from: begin, before: end, limit }, signal);
    },

    fleetDay({ day, from, before, limit }, signal) {
      const range = { from: keys.fleetEvent(from), before: keys.fleetEvent(before.at, before.id), limit };
      return read('the fleet', { pk: keys.fleetTimeline(day), ...range }, signal);
    },

    async fleetBetween({ from, before }, abortSignal) {
      const items = await allPages('the fleet', (ExclusiveStartKey) =>
        client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :before',
            ExpressionAttributeValues: {
              ':pk': keys.fleetTimeline(from),
              ':from': keys.fleetEvent(from),
              // An end without an id sorts before every record of that moment.
              ':before': keys.fleetEvent(before),
            },
            ExclusiveStartKey,
          }),
          { abortSignal },
        ),
      );
      return items.map((item) => timelineRecordSchema.parse(item));
    },

    restarts(key, { limit }, signal) {
      const range = { from: keys.restartPrefix, before: `${keys.restartPrefix}~`, limit };
      return read(key.id, { pk: timelineOf(key), ...range }, signal);
    },
  };
}
