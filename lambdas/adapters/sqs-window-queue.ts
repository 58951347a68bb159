// The alert queue as the timer of windows: a message arrives when a window is over.
import type { SQSClient } from '@aws-sdk/client-sqs';

import type { WindowQueue } from '../ports/queues.ts';
import { QueueError, sendAll } from './sqs-batch-sender.ts';

type Settings = Readonly<{ client: SQSClient; alertQueueUrl: string }>;

export function createSqsWindowQueue({ client, alertQueueUrl }: Settings): WindowQueue {
  return {
    async look(message, delaySeconds, signal) {
      const entry = { body: message, delaySeconds, about: message.windowId };
      const refusals = await sendAll(client, alertQueueUrl, [entry], signal);
      if (refusals.length > 0) throw new QueueError(refusals);
    },
  };
}
