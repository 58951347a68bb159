// What applies to the whole fleet: the switches, and how many services each shard has.
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';

import type { CountedShard, ShardCount } from '../contract/messages.ts';
import type { Network } from '../contract/networks.ts';
import { keys } from '../contract/table.ts';
import { noStorms, stormsSchema } from '../core/health/storm.ts';
import { fleetControlSchema, freshFleet } from '../core/model/fleet.ts';
import { noSlots, slotsSchema } from '../core/restart/restart-slots.ts';
import { expecting } from '../core/rounds/shard-count.ts';
import type { FleetStore } from '../ports/fleet-store.ts';
import { allPages, conditionally, request, type Table } from './dynamo-client.ts';
import { createDynamoRestartSlots } from './dynamo-restart-slots.ts';

const countSchema = z.object({
  shard: z.int(),
  services: z.int(),
  privateServices: z._default(z.int(), 0),
  ecsServices: z.optional(z.int()),
  unhealthy: z.int(),
  fastestSeconds: z.int(),
  census: z.optional(z.string()),
  groups: z.optional(z.record(z.string(), z.object({ services: z.int(), failing: z.int() }))),
  version: z.int(),
});
/** Items that sort after the shards are told from them by their sort key. */
const isShard = (item: Record<string, unknown>) => item['sk'] !== keys.slots && item['sk'] !== keys.storm;
const ATTEMPTS = 10;
/**
 * None of these holds for an item of an older version, which is then written again. Services that are neither private
 * nor of kind `ecs` cannot be counted in a condition, so a shard that has some of both is read first.
 */
const HOLDS_SOME = {
  public: 'attribute_not_exists(ecsServices) AND services > privateServices',
  private: 'privateServices > :none',
  ecs: 'ecsServices > :none',
} as const;

export function createDynamoFleetStore({ client, name: TableName }: Table): FleetStore {
  const writeCount = (count: CountedShard, before: ShardCount | undefined, abortSignal: AbortSignal) =>
    conditionally(`shard ${count.shard}`, () =>
      client.send(
        new PutCommand({
          TableName,
          Item: { pk: keys.fleet, sk: keys.shard(count.shard), ...count, version: (before?.version ?? 0) + 1 },
          ConditionExpression: before ? 'version = :version' : 'attribute_not_exists(pk)',
          ...(before && { ExpressionAttributeValues: { ':version': before.version } }),
        }),
        { abortSignal },
      ),
    );
  const readCount = async (shard: number, abortSignal: AbortSignal) => {
    const Key = { pk: keys.fleet, sk: keys.shard(shard) };
    const { Item } = await request(`shard ${shard}`, () =>
      client.send(new GetCommand({ TableName, Key, ConsistentRead: true }), { abortSignal }),
    );
    return Item && countSchema.parse(Item);
  };

  /** The usual case, in one write that conflicts with none: the shard is packed for this prober, and often enough. */
  const touch = (shard: number, intervalSeconds: number, network: Network, abortSignal: AbortSignal) =>
    conditionally(`shard ${shard}`, () =>
      client.send(
        new UpdateCommand({
          TableName,
          Key: { pk: keys.fleet, sk: keys.shard(shard) },
          UpdateExpression: 'SET version = version + :one',
          ConditionExpression: `${HOLDS_SOME[network]} AND fastestSeconds <= :interval`,
          ExpressionAttributeValues: {
            ':one': 1,
            ':interval': intervalSeconds,
            ...(network !== 'public' && { ':none': 0 }),
          },
        }),
        { abortSignal },
      ),
    );

  return {
    async control(abortSignal) {
      const { Item } = await request('the fleet', () =>
        client.send(new GetCommand({ TableName, Key: { pk: keys.fleet, sk: keys.control } }), { abortSignal }),
      );
      return Item ? fleetControlSchema.parse(Item) : freshFleet;
    },

    async saveControl(control, abortSignal) {
      await request('the fleet', () =>
        client.send(new PutCommand({ TableName, Item: { pk: keys.fleet, sk: keys.control, ...control } }), {
          abortSignal,
        }),
      );
    },

    async counts(abortSignal) {
      const items = await allPages('the fleet', (ExclusiveStartKey) =>
        client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'pk = :pk AND begins_with(sk, :shard)',
            ExpressionAttributeValues: { ':pk': keys.fleet, ':shard': 'SHARD#' },
            ConsistentRead: true,
            ExclusiveStartKey,
          }),
          { abortSignal },
        ),
      );
      return items.map((item) => countSchema.parse(item));
    },

    async overview(abortSignal) {
      const items = await allPages('the fleet', (ExclusiveStartKey) =>
        client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
            ExpressionAttributeValues: { ':pk': keys.fleet, ':first': 'SHARD#', ':last': keys.storm },
            ConsistentRead: true,
            ExclusiveStartKey,
          }),
          { abortSignal },
        ),
      );
      const itemAt = (place: string) => items.find(({ sk }) => sk === place);
      return {
        counts: items.filter(isShard).map((item) => countSchema.parse(item)),
        storms: stormsSchema.parse(itemAt(keys.storm) ?? noStorms),
        slots: slotsSchema.parse(itemAt(keys.slots) ?? noSlots),
      };
    },

    count: readCount,

    ...createDynamoRestartSlots({ client, name: TableName }),

    async expectService(shard, intervalSeconds, abortSignal, network = 'public') {
      if (await touch(shard, intervalSeconds, network, abortSignal)) return;
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const known = await readCount(shard, abortSignal);
        const wanted = { ...expecting(known, shard, intervalSeconds, network), version: 0 };
        if (await writeCount(wanted, known, abortSignal)) return;
      }
      throw new Error(`shard ${shard} changed ${ATTEMPTS} times while a service was being registered; try again`);
    },

    async correctCount(known, found, abortSignal) {
      await writeCount({ ...found, version: 0 }, known, abortSignal);
    },
  };
}
