// Delivers messages to subscribers. A delivery is on disk from before the publisher is answered until the subscriber
// took it or SNS would have given up, so neither a SIGKILL nor an unavailable subscriber loses one.
import * as z from 'zod';

import type { Storage } from '../../storage.ts';
import { type MessageAttributes, messageAttributesSchema } from '../sqs/queue.ts';
import { AwsFault } from '../wire.ts';

const deliverySchema = z.object({
  id: z.string(),
  /** `print` takes a text for the terminal, `post` a URL, `queue` an ARN. */
  way: z.enum(['print', 'post', 'queue']),
  endpoint: z.string(),
  body: z.string(),
  headers: z.record(z.string(), z.string()),
  attributes: messageAttributesSchema,
  attempts: z.number(),
  dueAt: z.number(),
});
export type Delivery = z.infer<typeof deliverySchema>;

export type DeliverySettings = Readonly<{
  storage: Storage;
  print: (text: string) => void;
  sendToQueue: (arn: string, body: string, attributes: MessageAttributes) => Promise<void>;
  /** Multiplies every pause between attempts; 1 is SNS's own pace. */
  retryScale: number;
  now: () => number;
}>;

const POST_TIMEOUT_MS = 15_000;

/**
 * Milliseconds before the next attempt, after this many failed ones; `undefined` when SNS gives up. SNS's policy for
 * HTTP: 3 at once, 2 after a second each, 10 with growing pauses, 35 every 20 seconds.
 */
export function pauseAfter(attempts: number): number | undefined {
  if (attempts <= 3) return 0;
  if (attempts <= 5) return 1_000;
  if (attempts <= 15) return Math.round(1_000 * 20 ** ((attempts - 6) / 9));
  return attempts <= 50 ? 20_000 : undefined;
}

/** The subscriber refused in a way that SNS does not retry. */
class Refused extends Error {}

export function openDeliveries({ storage, print, sendToQueue, retryScale, now }: DeliverySettings) {
  const disk = storage.collection('sns-deliveries', deliverySchema);
  const timers = new Map<string, NodeJS.Timeout>();
  const underWay = new Set<Promise<void>>();
  const closing = new AbortController();

  function plan(delivery: Delivery): void {
    if (closing.signal.aborted) return;
    const start = () => {
      timers.delete(delivery.id);
      const work = attempt(delivery).catch((error: unknown) =>
        print(`SNS: delivery ${delivery.id} failed: ${error}\n`),
      );
      underWay.add(work);
      void work.finally(() => underWay.delete(work));
    };
    timers.set(delivery.id, setTimeout(start, Math.max(0, delivery.dueAt - now())));
  }

  async function attempt(delivery: Delivery): Promise<void> {
    try {
      await bring(delivery);
      await disk.remove(delivery.id);
    } catch (error) {
      if (closing.signal.aborted) return;
      const attempts = delivery.attempts + 1;
      const pause = error instanceof Refused ? undefined : pauseAfter(attempts);
      if (pause === undefined) {
        print(`SNS: gave up on ${delivery.endpoint} after ${attempts} attempts: ${reasonOf(error)}\n`);
        return await disk.remove(delivery.id);
      }
      const again = { ...delivery, attempts, dueAt: now() + pause * retryScale };
      await disk.put(again.id, again);
      plan(again);
    }
  }

  async function bring({ way, endpoint, body, headers, attributes }: Delivery): Promise<void> {
    if (way === 'print') return print(body);
    if (way === 'queue') return await sendToQueue(endpoint, body, attributes).catch(refuseFault);
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(POST_TIMEOUT_MS)]);
    const response = await fetch(endpoint, { method: 'POST', body, headers, redirect: 'manual', signal });
    await response.body?.cancel();
    if (response.ok) return;
    const mayPass = response.status >= 500 || response.status === 429;
    throw mayPass ? new Error(`status ${response.status}`) : new Refused(`status ${response.status}`);
  }

  return {
    /** Resolves when the deliveries are on disk; they are sent after that, each at its own pace. */
    async add(deliveries: readonly Delivery[]): Promise<void> {
      await Promise.all(deliveries.map((delivery) => disk.put(delivery.id, delivery)));
      deliveries.forEach(plan);
    },
    /** Resumes what an earlier process left. */
    async resume(): Promise<void> {
      for (const [, delivery] of await disk.all()) plan(delivery);
    },
    /** Stops; unfinished deliveries stay on disk. */
    async close(): Promise<void> {
      closing.abort();
      timers.forEach((timer) => clearTimeout(timer));
      await Promise.all(underWay);
    },
  };
}

function refuseFault(error: unknown): never {
  throw error instanceof AwsFault ? new Refused(error.message) : error;
}

/** `fetch` puts the reason into the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'fault';
  return error.cause instanceof Error ? error.cause.message : error.message;
}
