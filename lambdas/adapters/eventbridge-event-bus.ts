// Puts entries on an event bus in as few calls as EventBridge allows. EventBridge answers 200 even if it took none:
// refused entries are read from the answer. A bus that does not exist takes everything and keeps nothing, which nobody
// can notice.
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

import { BUS_SOURCE } from '../contract/event-bus.ts';
import type { BusEntry } from '../core/bus/entries.ts';
import type { EventBus, NotTaken } from '../ports/alerts.ts';
import type { Clock } from '../ports/process.ts';
import { inCalls } from './in-calls.ts';

/**
 * The entries of one call may have 256 kB together, including their types, sources and times, for which some is left
 * free.
 */
const PER_CALL = { entries: 10, bytes: 250_000 };
/** People have been told by then, but their alerts must still be struck off, and others wait to be told. */
const PATIENCE_MS = 2_000;
/**
 * After that long without an answer, the bus is not called for a while: else each of many alerts would wait for it
 * again.
 */
const REST_MS = 30_000;

export type EventBridgeSettings = Readonly<{
  client: EventBridgeClient;
  /** Name or ARN. */
  bus: string;
  clock: Clock;
  patienceMs?: number;
}>;

export function createEventBridgeBus({ client, bus, clock, patienceMs = PATIENCE_MS }: EventBridgeSettings): EventBus {
  let restsUntil = 0;

  async function putOne(call: readonly BusEntry[], signal: AbortSignal): Promise<NotTaken[]> {
    const Entries = call.map(({ type, detail, at }) => ({
      EventBusName: bus,
      Source: BUS_SOURCE,
      DetailType: type,
      Detail: detail,
      Time: new Date(at),
    }));
    try {
      const answer = await client.send(new PutEventsCommand({ Entries }), { abortSignal: signal });
      return call.flatMap(({ key }, index) => {
        const { EventId, ErrorCode } = answer.Entries?.[index] ?? {};
        return EventId === undefined || ErrorCode !== undefined
          ? [{ key, reason: ErrorCode ?? 'not answered for' }]
          : [];
      });
    } catch (error) {
      const reason = error instanceof Error ? error.name : 'fault';
      return call.map(({ key }) => ({ key, reason }));
    }
  }

  return {
    async put(entries, signal) {
      if (clock.now() < restsUntil) return entries.map(({ key }) => ({ key, reason: 'no answer a moment ago' }));
      const timeout = AbortSignal.timeout(patienceMs);
      const limited = AbortSignal.any([signal, timeout]);
      const sized = entries.map((entry) => ({ ...entry, bytes: Buffer.byteLength(entry.detail) }));
      const refused = await Promise.all(inCalls(sized, PER_CALL).map((call) => putOne(call, limited)));
      if (timeout.aborted) restsUntil = clock.now() + REST_MS;
      return refused.flat();
    },
  };
}
