// Hours and days of numbers, deleted by time to live: the services of a shard and hour in one row, and sums.
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';

import { keys } from '../contract/table.ts';
import { rollSchema } from '../core/numbers/roll.ts';
import { type HourEntries, hourEntrySchema } from '../core/numbers/roll-hour.ts';
import type { RolledHour, RollupStore, RollupSubject } from '../ports/rollup-store.ts';
import { allPages, conditionally, request, type Table } from './dynamo-client.ts';
import { packJson, unpackJson } from './packed-json.ts';

const progressSchema = z.object({ hours: z.number(), days: z.number(), trends: z.optional(z.number()) });
const packed = z.pipe(
  z.instanceof(Uint8Array),
  z.transform((bytes: Uint8Array<ArrayBuffer>) => unpackJson(bytes)),
);
const rollItemSchema = z.object({ packed: z.pipe(packed, rollSchema) });
const partSchema = z.object({
  hour: z.number(),
  part: z.int(),
  parts: z.int(),
  packed: z.pipe(packed, z.record(z.string(), z.unknown())),
});

/** Digits and commas are compressed to less than half, so that no part comes near the 400 kB limit of an item. */
const MOST_CHARACTERS = 600_000;
const PROGRESS = { pk: keys.rollupProgress, sk: keys.rollupProgress };

export function createDynamoRollupStore({ client, name: TableName }: Table): RollupStore {
  const put = (subject: string, Item: Record<string, unknown>, abortSignal: AbortSignal) =>
    request(subject, () => client.send(new PutCommand({ TableName, Item }), { abortSignal }));
  /** Sort keys from `from` to `before`; no item has the key `before` itself. */
  const query = (subject: string, pk: string, from: string, before: string, abortSignal: AbortSignal) =>
    allPages(subject, (ExclusiveStartKey) =>
      client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :before',
          ExpressionAttributeValues: { ':pk': pk, ':from': from, ':before': before },
          ExclusiveStartKey,
        }),
        { abortSignal },
      ),
    );

  return {
    async progress(abortSignal) {
      const { Item } = await request('roll-ups', () =>
        client.send(new GetCommand({ TableName, Key: PROGRESS, ConsistentRead: true }), { abortSignal }),
      );
      return Item && progressSchema.parse(Item);
    },

    async advance({ hours, days, trends }, abortSignal) {
      await conditionally('roll-ups', () =>
        client.send(
          new PutCommand({
            TableName,
            Item: { ...PROGRESS, hours, days, trends },
            ConditionExpression: 'attribute_not_exists(pk) OR (#hours <= :hours AND #days <= :days)',
            ExpressionAttributeNames: { '#hours': 'hours', '#days': 'days' },
            ExpressionAttributeValues: { ':hours': hours, ':days': days },
          }),
          { abortSignal },
        ),
      );
    },

    async saveHour(shard, hour, entries, expiresAt, abortSignal) {
      const parts = inParts(entries);
      // The first part is written last: until it is there, the others belong to no hour.
      for (const [part, held] of [...parts.entries()].reverse()) {
        const key = { pk: keys.rollupHours(shard), sk: keys.rollupPart(hour, part) };
        const row = { hour, part, parts: parts.length, packed: packJson(held), ttl: Math.floor(expiresAt / 1000) };
        await put(`an hour of shard ${shard}`, { ...key, ...row }, abortSignal);
      }
    },

    async hours(shard, { from, before }, abortSignal, only) {
      const ends = [keys.rollupPart(from, 0), keys.rollupPart(before, 0)] as const;
      const items = await query(`hours of shard ${shard}`, keys.rollupHours(shard), ...ends, abortSignal);
      const parts = items.map((item) => partSchema.parse(item)).filter(({ hour }) => hour < before);
      return joined(parts, (name) => only === undefined || name === only);
    },

    async save(subject, unit, at, roll, expiresAt, abortSignal) {
      const key = { pk: partitionOf(subject), sk: keys.rollup(unit, at) };
      await put('roll-ups', { ...key, packed: packJson(roll), ttl: Math.floor(expiresAt / 1000) }, abortSignal);
    },

    async rolls(subject, unit, { from, before }, abortSignal) {
      const pk = partitionOf(subject);
      const items = await query('roll-ups', pk, keys.rollup(unit, from), keys.rollup(unit, before - 1), abortSignal);
      return items.map((item) => rollItemSchema.parse(item).packed);
    },
  };
}

function partitionOf(subject: RollupSubject): string {
  switch (subject.kind) {
    case 'service':
      return keys.rollupService(subject.tenant, subject.id);
    case 'project':
      return keys.rollupProject(subject.tenant, subject.project);
    case 'fleet':
      return keys.rollupFleet;
  }
}

function inParts(entries: HourEntries): readonly Record<string, unknown>[] {
  const parts: Record<string, unknown>[] = [{}];
  let characters = 0;
  for (const [name, entry] of Object.entries(entries)) {
    characters += JSON.stringify(entry).length + name.length;
    if (characters > MOST_CHARACTERS && Object.keys(parts.at(-1) ?? {}).length > 0) {
      parts.push({});
      characters = 0;
    }
    Object.assign(parts.at(-1) ?? {}, { [name]: entry });
  }
  return parts;
}

type Part = z.infer<typeof partSchema>;

/**
 * Parts beyond the count belong to an hour that was written before and had more of them. Entries that nobody wants are
 * not decoded, because decoding would take longer than reading.
 */
function joined(parts: readonly Part[], isWanted: (name: string) => boolean): readonly RolledHour[] {
  return [...Map.groupBy(parts, ({ hour }) => hour)].flatMap(([hour, ofHour]) => {
    const count = ofHour.find(({ part }) => part === 0)?.parts ?? 0;
    const held = ofHour.filter(({ part }) => part < count).flatMap((one) => Object.entries(one.packed));
    const wanted = held.filter(([name]) => isWanted(name));
    if (wanted.length === 0) return [];
    return [{ hour, entries: Object.fromEntries(wanted.map(([name, entry]) => [name, hourEntrySchema.parse(entry)])) }];
  });
}
