// Hands intents to the queues of the functions that carry them out. It decides nothing: the kind of the intent names
// the queue.
import type { SQSClient } from '@aws-sdk/client-sqs';

import type { AlertMessage, CheckMessage, RestartMessage } from '../contract/messages.ts';
import { assertNever } from '../core/result.ts';
import type { Clock } from '../ports/process.ts';
import type { Handover, Outbox } from '../ports/queues.ts';
import type { ServiceKey } from '../ports/service-store.ts';
import { type QueueEntry, type Refusal, sendAll } from './sqs-batch-sender.ts';

export type SqsOutboxSettings = Readonly<{
  client: SQSClient;
  probeQueueUrl: string;
  restartQueueUrl: string;
  alertQueueUrl: string;
  clock: Clock;
}>;

/**
 * Some intents did not reach their queue; all the others did. They are still in the items of their services and are
 * handed over again a minute later, so a caller may log this and go on.
 */
export class OutboxError extends Error {
  override readonly name = 'OutboxError';
  /** The services with intents that were not taken, each once. */
  readonly keys: readonly ServiceKey[];
  readonly isTransient: boolean;
  constructor(refusals: readonly Refusal<ServiceKey>[]) {
    const byName = new Map(refusals.map(({ about }) => [`${about.tenant}/${about.id}`, about]));
    const reasons = [...new Set(refusals.map(({ reason }) => reason))].join(', ');
    super(`intents of ${[...byName.keys()].join(', ')} were not taken: ${reasons}`, {
      cause: refusals.find(({ cause }) => cause !== undefined)?.cause,
    });
    this.keys = [...byName.values()];
    this.isTransient = refusals.every(({ isTransient }) => isTransient);
  }
}

type Entry = QueueEntry<ServiceKey>;

/**
 * One message per restart and per probe; everything that people are to be told about a service goes into one message,
 * so that its item is read and written once. A probe due in more than 15 minutes comes early, which its receiver sees
 * from the beat.
 */
export function createSqsOutbox(settings: SqsOutboxSettings): Outbox {
  const { client, probeQueueUrl, restartQueueUrl, alertQueueUrl, clock } = settings;
  return {
    async hand(handovers, correlationId, signal) {
      const now = clock.now();
      const sorted = handovers.map((handover) => sortIntents(handover, correlationId, now));
      const refusals = await Promise.all([
        sendAll(
          client,
          restartQueueUrl,
          sorted.flatMap(({ restarts }) => restarts),
          signal,
        ),
        sendAll(
          client,
          alertQueueUrl,
          sorted.flatMap(({ alerts }) => alerts),
          signal,
        ),
        sendAll(
          client,
          probeQueueUrl,
          sorted.flatMap(({ probes }) => probes),
          signal,
        ),
      ]);
      if (refusals.flat().length > 0) throw new OutboxError(refusals.flat());
    },
  };
}

function sortIntents({ key, intents }: Handover, correlationId: string, now: number) {
  const restarts: Entry[] = [];
  const probes: Entry[] = [];
  const told: string[] = [];
  const common = { correlationId, tenant: key.tenant, id: key.id };
  for (const intent of intents) {
    switch (intent.kind) {
      case 'restart':
      case 'cascade': {
        const body: RestartMessage = { ...common, restartId: intent.restartId };
        restarts.push({ body, delaySeconds: 0, about: key });
        break;
      }
      case 'probe': {
        const body: CheckMessage = { kind: 'check', ...common, beat: intent.dueAt, intentId: intent.id };
        probes.push({ body, delaySeconds: (intent.dueAt - now) / 1000, about: key });
        break;
      }
      case 'alert':
      case 'record':
        told.push(intent.id);
        break;
      default:
        assertNever(intent);
    }
  }
  const alert: AlertMessage = { ...common, intentIds: told };
  return { restarts, probes, alerts: told.length > 0 ? [{ body: alert, delaySeconds: 0, about: key }] : [] };
}
