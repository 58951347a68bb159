// The loopback EventBridge: takes entries as the real one does, prints each in one line, and keeps the newest for later
// requests. There are no rules. Entries for a bus that does not exist are taken and dropped, as in AWS.
import { randomUUID } from 'node:crypto';

import * as z from 'zod';

import type { Storage } from '../storage.ts';
import { AwsFault, type JsonService } from './wire.ts';

const MOST_ENTRIES = 10;
const MOST_BYTES = 256 * 1024;
/** How many entries are kept, of all buses together. */
const KEPT = 1_000;

const keptSchema = z.object({
  id: z.string(),
  bus: z.string(),
  time: z.string(),
  source: z.string(),
  'detail-type': z.string(),
  detail: z.unknown(),
});
type KeptEntry = Readonly<z.infer<typeof keptSchema>>;

const text = z.string().min(1);
const putEventsInput = z.object({
  Entries: z.array(
    z.object({
      EventBusName: text.default('default'),
      Source: z.string().default(''),
      DetailType: z.string().default(''),
      Detail: z.string().default(''),
      Time: z.number().optional(),
    }),
  ),
});
type Given = z.infer<typeof putEventsInput>['Entries'][number];

export type EventsSettings = Readonly<{
  storage: Storage;
  /** The names of the buses that exist. */
  buses: readonly string[];
  print: (text: string) => void;
  now?: () => number;
}>;
export type LocalEvents = Readonly<{
  service: JsonService;
  /** What a bus has taken, oldest first, one JSON document per line; `undefined` if the path is not that of a bus. */
  get(url: URL): Promise<string | undefined>;
}>;

export async function openEvents({ storage, buses, print, now = Date.now }: EventsSettings): Promise<LocalEvents> {
  const disk = storage.collection('event-bus', keptSchema);
  const keys = (await disk.all()).map(([key]) => key);
  let next = Number(keys.at(-1) ?? 0) + 1;

  async function keep(entry: KeptEntry): Promise<void> {
    const key = String(next).padStart(12, '0');
    next += 1;
    keys.push(key);
    await disk.put(key, entry);
    for (const old of keys.splice(0, Math.max(0, keys.length - KEPT))) await disk.remove(old);
    print(`event bus ${entry.bus}: ${entry['detail-type']} ${JSON.stringify(entry.detail)}`);
  }

  async function putOne({ EventBusName, Source, DetailType, Detail, Time }: Given) {
    const detail = parse(Detail);
    if (Source === '') return refusal('Source');
    if (DetailType === '') return refusal('DetailType');
    if (typeof detail !== 'object' || detail === null || Array.isArray(detail))
      return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    const [bus, id] = [nameOf(EventBusName), randomUUID()];
    const time = new Date(Time === undefined ? now() : Time * 1000).toISOString();
    if (buses.includes(bus)) await keep({ id, bus, time, source: Source, 'detail-type': DetailType, detail });
    else print(`event bus ${bus} is not there: what is put on it is lost`);
    return { EventId: id };
  }

  async function putEvents(input: unknown) {
    const given = putEventsInput.safeParse(input).data?.Entries ?? [];
    if (given.length === 0 || given.length > MOST_ENTRIES)
      throw new AwsFault('ValidationException', `1 to ${MOST_ENTRIES} entries must be given`);
    if (given.reduce((sum, entry) => sum + sizeOf(entry), 0) > MOST_BYTES)
      throw new AwsFault('ValidationException', 'Total size of the entries in the request is over the limit.');
    const Entries = [];
    for (const entry of given) Entries.push(await putOne(entry));
    return { FailedEntryCount: Entries.filter((one) => 'ErrorCode' in one).length, Entries };
  }

  return {
    service: { target: 'AWSEvents', operations: { PutEvents: putEvents } },
    async get({ pathname }) {
      const [, bus] = /^\/event-bus\/([\w.-]+)$/.exec(pathname) ?? [];
      if (bus === undefined || !buses.includes(bus)) return undefined;
      const all = (await disk.all()).map(([, entry]) => entry).filter((entry) => entry.bus === bus);
      return all.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    },
  };
}

/** The name of a bus, also if its ARN is given. */
export const nameOf = (bus: string): string => bus.replace(/^arn:.*:event-bus\//, '');

const refusal = (name: string) => ({
  ErrorCode: 'InvalidArgument',
  ErrorMessage: `Parameter ${name} is not valid. Reason: it is a required field.`,
});

/** The size as EventBridge counts it: a time counts 14 bytes. */
const sizeOf = ({ Source, DetailType, Detail, Time }: Given): number =>
  Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail) + (Time === undefined ? 0 : 14);

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
