// The queues that one-machine mode works off, each with its dead-letter queue.
import { CreateQueueCommand, SetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';

import { ACCOUNT, REGION } from './cloud-environment.ts';
import { queueLimits, type QueueName } from './queue-limits.ts';

const MAX_RECEIVE_COUNT = 5;

export const queueArn = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:lamplighter-${name}`;

/**
 * Makes a queue with its dead-letter queue and returns its URL. The queue is created without attributes, which are set
 * afterwards: a queue that an earlier version left in the data folder with other numbers could otherwise not be created
 * again; this way it keeps its messages.
 */
export async function makeQueue(
  client: SQSClient,
  name: string,
  { visibilitySeconds, tries }: Readonly<{ visibilitySeconds: number; tries: number }>,
): Promise<string> {
  await client.send(new CreateQueueCommand({ QueueName: `lamplighter-${name}-dead` }));
  const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: `lamplighter-${name}` }));
  const deadLetters = { deadLetterTargetArn: queueArn(`${name}-dead`), maxReceiveCount: tries };
  const Attributes = { VisibilityTimeout: String(visibilitySeconds), RedrivePolicy: JSON.stringify(deadLetters) };
  await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  return QueueUrl;
}

/** The URLs of the queues that always exist. */
export async function makeQueues(client: SQSClient): Promise<Record<QueueName, string>> {
  const make = (name: QueueName) => makeQueue(client, name, { ...queueLimits[name], tries: MAX_RECEIVE_COUNT });
  const [probe, restart, alert] = await Promise.all([make('probe'), make('restart'), make('alert')]);
  return { probe, restart, alert };
}
