// Sets when a message of a receiver's queue comes again: its visibility timeout is the timer.
import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs';

import type { DeliveryQueue } from '../ports/delivery.ts';

export const createSqsDeliveryQueue = (client: SQSClient, QueueUrl: string): DeliveryQueue => ({
  async again(ReceiptHandle, VisibilityTimeout, abortSignal) {
    const command = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout });
    await client.send(command, { abortSignal });
  },
});
