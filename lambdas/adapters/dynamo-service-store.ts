// One item per service: the registration, the state with its pending intents, and the version that guards the state.
import { DeleteCommand, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';

import { keys } from '../contract/table.ts';
import { decodeStored } from '../core/faults.ts';
import { type Registration, registrationSchema, toService } from '../core/model/service.ts';
import { type State, stateSchema } from '../core/model/state.ts';
import { shardOf } from '../core/values/hash.ts';
import type { Log } from '../ports/process.ts';
import type { ServiceKey, ServiceStore, Stored } from '../ports/service-store.ts';
import { allPages, conditionally, request, StoreError, type Table } from './dynamo-client.ts';

const itemSchema = z.object({
  spec: registrationSchema,
  state: stateSchema,
  version: z.int(),
  registeredAt: z.number(),
  heartbeatAt: z.optional(z.number()),
});

export type ServiceStoreOptions = Readonly<{ table: Table; shards: number; log: Log }>;

export function createDynamoServiceStore({ table, shards, log }: ServiceStoreOptions): ServiceStore {
  const { client, name: TableName } = table;
  const keyOf = ({ tenant, id }: ServiceKey) => ({
    pk: keys.shard(shardOf(tenant, id, shards)),
    sk: keys.service(tenant, id),
  });
  return {
    async readShard(shard, abortSignal, consistency = 'eventual') {
      const items = await allPages(`shard ${shard}`, (ExclusiveStartKey) =>
        client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': keys.shard(shard) },
            ConsistentRead: consistency === 'strong',
            ExclusiveStartKey,
          }),
          { abortSignal },
        ),
      );
      const services = items.map((item) => decodeItem(item, log)).filter((stored) => stored !== undefined);
      return { services, faults: items.length - services.length };
    },

    async read(key, abortSignal) {
      const { Item } = await request(key.id, () =>
        client.send(new GetCommand({ TableName, Key: keyOf(key), ConsistentRead: true }), { abortSignal }),
      );
      if (!Item) return undefined;
      const stored = decodeItem(Item, log);
      if (!stored) throw new UndecodableError(key.id);
      return stored;
    },

    saveState(stored, state, abortSignal) {
      return conditionally(stored.service.id, () =>
        client.send(
          new UpdateCommand({
            TableName,
            Key: keyOf(stored.service),
            UpdateExpression: 'SET #state = :state, version = :next',
            ConditionExpression: 'version = :version',
            ExpressionAttributeNames: { '#state': 'state' },
            ExpressionAttributeValues: { ':state': state, ':next': stored.version + 1, ':version': stored.version },
          }),
          { abortSignal },
        ),
      );
    },

    async register(document: Registration, fresh: State, now, abortSignal) {
      const { Attributes } = await request(document.id, () =>
        client.send(
          new UpdateCommand({
            TableName,
            Key: keyOf(document),
            UpdateExpression:
              // The version goes up, so that a caller that read the old document cannot act on it and has to read
              // again.
              'SET spec = :spec, #state = if_not_exists(#state, :fresh), version = if_not_exists(version, :none) + :one, ' +
              'registeredAt = if_not_exists(registeredAt, :now)',
            ExpressionAttributeNames: { '#state': 'state' },
            ExpressionAttributeValues: { ':spec': document, ':fresh': fresh, ':none': -1, ':one': 1, ':now': now },
            ReturnValues: 'UPDATED_OLD',
          }),
          { abortSignal },
        ),
      );
      if (Attributes?.['version'] === undefined) return { outcome: 'created', before: undefined };
      return { outcome: 'replaced', before: documentIn(Attributes) };
    },

    async remove(key, abortSignal) {
      const { Attributes } = await request(key.id, () =>
        client.send(new DeleteCommand({ TableName, Key: keyOf(key), ReturnValues: 'ALL_OLD' }), { abortSignal }),
      );
      const state = decodeStored(stateSchema, Attributes?.['state']);
      return {
        isRemoved: Attributes !== undefined,
        before: documentIn(Attributes),
        state: state.kind === 'good' ? state.value : undefined,
      };
    },

    heartbeat(key, at, abortSignal) {
      return conditionally(key.id, () =>
        client.send(
          new UpdateCommand({
            TableName,
            Key: keyOf(key),
            UpdateExpression: 'SET heartbeatAt = :at',
            ConditionExpression: 'attribute_exists(version)',
            ExpressionAttributeValues: { ':at': at },
          }),
          { abortSignal },
        ),
      );
    },
  };
}

/** The document of an item that was deleted. */
function documentIn(attributes: Record<string, unknown> | undefined): Registration | undefined {
  const decoded = decodeStored(registrationSchema, attributes?.['spec']);
  return decoded.kind === 'good' ? decoded.value : undefined;
}

function toStored({ spec, ...rest }: z.infer<typeof itemSchema>): Stored {
  return { document: spec, service: toService(spec), ...rest };
}

/** A second read would not help. */
class UndecodableError extends StoreError {
  readonly isTransient = false;
  constructor(id: string) {
    super(id, new Error('its item cannot be decoded'));
  }
}

/** An item that cannot be decoded is logged and left out, so that it does not stop the others of its shard. */
function decodeItem(item: Record<string, unknown>, log: Log): Stored | undefined {
  const decoded = decodeStored(itemSchema, item);
  if (decoded.kind === 'good') return toStored(decoded.value);
  log.error('an item of the table cannot be decoded and is left out', {
    item: String(item['sk']),
    faults: decoded.faults.map(({ path, message }) => `${path} ${message}`),
  });
  return undefined;
}
