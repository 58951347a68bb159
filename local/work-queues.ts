// The queues that one-machine mode works off, each with its dead-letter queue.
import { CreateQueueCommand, SetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';

import { ACCOUNT, REGION } from './cloud-environment.ts';
import { queueLimits, type QueueName } from './queue-limits.ts';

const MAX_RECEIVE_COUNT = 5;

export const queueArn = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:lamplighter-${name}`;

/**
 * The queues' URLs. Made without attributes and set afterwards: a queue that an earlier version left in the data folder
 * with other numbers would refuse to be made again, and keeps its messages this way.
 */
export async function makeQueues(client: SQSClient): Promise<Record<QueueName, string>> {
  const make = async (name: QueueName) => {
    await client.send(new CreateQueueCommand({ QueueName: `lamplighter-${name}-dead` }));
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: `lamplighter-${name}` }));
    const deadLetters = { deadLetterTargetArn: queueArn(`${name}-dead`), maxReceiveCount: MAX_RECEIVE_COUNT };
    const VisibilityTimeout = String(queueLimits[name].visibilitySeconds);
    const Attributes = { VisibilityTimeout, RedrivePolicy: JSON.stringify(deadLetters) };
    await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    return QueueUrl;
  };
  const [probe, restart, alert] = await Promise.all([make('probe'), make('restart'), make('alert')]);
  return { probe, restart, alert };
}
