// The probe queue on SQS: packs of a round, spread over the minute by their delay, and probes of single services.
import type { SQSClient } from '@aws-sdk/client-sqs';

import type { ProbeQueue } from '../ports/queues.ts';
import { QueueError, sendAll } from './sqs-batch-sender.ts';

/** Rejects with `QueueError` if a message was refused, after all the others were sent. */
export function createSqsProbeQueue({
  client,
  probeQueueUrl,
}: {
  client: SQSClient;
  probeQueueUrl: string;
}): ProbeQueue {
  return {
    async sendPacks(packs, signal) {
      const entries = packs.map(({ message, delaySeconds }) => {
        const about = `the pack of shards ${message.shards.map(({ shard }) => shard).join(' ')} at beat ${message.beat}`;
        return { body: message, delaySeconds, about };
      });
      const refusals = await sendAll(client, probeQueueUrl, entries, signal);
      if (refusals.length > 0) throw new QueueError(refusals);
    },
    async sendCheck(message, signal) {
      const entry = { body: message, delaySeconds: 0, about: `the check of ${message.tenant}/${message.id}` };
      const refusals = await sendAll(client, probeQueueUrl, [entry], signal);
      if (refusals.length > 0) throw new QueueError(refusals);
    },
  };
}
