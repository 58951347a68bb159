// Sends news of storms, which belong to no service, to the alert queue.
import type { SQSClient } from '@aws-sdk/client-sqs';

import type { StormQueue } from '../ports/queues.ts';
import { QueueError, sendAll } from './sqs-batch-sender.ts';

type Settings = Readonly<{ client: SQSClient; alertQueueUrl: string }>;

export function createSqsStormQueue({ client, alertQueueUrl }: Settings): StormQueue {
  return {
    async tell(message, delaySeconds, signal) {
      const entry = { body: message, delaySeconds, about: message.stormId };
      const refusals = await sendAll(client, alertQueueUrl, [entry], signal);
      if (refusals.length > 0) throw new QueueError(refusals);
    },
  };
}
