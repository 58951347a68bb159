// The restart queue on SQS. Its message delay is the restart function's timer, so no function ever waits.
import type { SQSClient } from '@aws-sdk/client-sqs';

import type { RestartMessage } from '../contract/messages.ts';
import type { RestartQueue } from '../ports/queues.ts';
import { QueueError, sendAll } from './sqs-batch-sender.ts';

type Settings = Readonly<{ client: SQSClient; restartQueueUrl: string }>;

/** A delay beyond SQS's 15 minutes becomes 15 minutes: the receiver checks the deadline and sends the message again. */
export function createSqsRestartQueue({ client, restartQueueUrl }: Settings): RestartQueue {
  return {
    async again({ key, restartId, correlationId }, delaySeconds, signal) {
      const body: RestartMessage = { correlationId, tenant: key.tenant, id: key.id, restartId };
      const entry = { body, delaySeconds, about: `restart ${restartId} of ${key.tenant}/${key.id}` };
      const refusals = await sendAll(client, restartQueueUrl, [entry], signal);
      if (refusals.length > 0) throw new QueueError(refusals);
    },
  };
}
