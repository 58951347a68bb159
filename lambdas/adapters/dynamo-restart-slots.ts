// The slots of restarts under way, in one item: read, changed by core, written on condition of its version.
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';

import { keys } from '../contract/table.ts';
import { noSlots, type Slots, slotsSchema, withoutSlots, withSlot } from '../core/restart/restart-slots.ts';
import type { FleetStore } from '../ports/fleet-store.ts';
import { conditionally, request, type Table } from './dynamo-client.ts';

const ATTEMPTS = 10;

export function createDynamoRestartSlots({
  client,
  name: TableName,
}: Table): Pick<FleetStore, 'slots' | 'takeSlot' | 'freeSlots'> {
  const Key = { pk: keys.fleet, sk: keys.slots };
  const read = async (abortSignal: AbortSignal): Promise<Slots> => {
    const { Item } = await request('the slots', () =>
      client.send(new GetCommand({ TableName, Key, ConsistentRead: true }), { abortSignal }),
    );
    return Item ? slotsSchema.parse(Item) : noSlots;
  };
  const write = ({ version, taken }: Slots, abortSignal: AbortSignal) =>
    conditionally('the slots', () =>
      client.send(
        new UpdateCommand({
          TableName,
          Key,
          UpdateExpression: 'SET version = :version, taken = :taken',
          ConditionExpression: version === 1 ? 'attribute_not_exists(pk)' : 'version = :before',
          ExpressionAttributeValues: {
            ':version': version,
            ':taken': taken,
            ...(version > 1 && { ':before': version - 1 }),
          },
        }),
        { abortSignal },
      ),
    );
  /** Whether the change was possible; one that changes nothing counts as possible. */
  const change = async (by: (slots: Slots) => Slots | undefined, signal: AbortSignal): Promise<boolean> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const known = await read(signal);
      const next = by(known);
      if (next === undefined) return false;
      if (next === known || (await write(next, signal))) return true;
    }
    throw new Error(`the slots changed ${ATTEMPTS} times while one was being taken; try again`);
  };
  return {
    slots: read,
    takeSlot: (slot, most, now, signal) => change((slots) => withSlot(slots, slot, most, now), signal),
    freeSlots: async (restartIds, signal) => void (await change((slots) => withoutSlots(slots, restartIds), signal)),
  };
}
