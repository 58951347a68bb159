// The queues behind receivers, as whoever keeps them sees them: how often is tried, what is given up, what is at work.
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

import type { AlertDocument } from '../../lambdas/core/alerts/document.ts';
import type { StackResource } from './ministack-api.ts';

/** The address of a queue of the stack, by its logical id without the eight characters that CDK ends it with. */
export function queueOf(resources: readonly StackResource[], logicalId: string): string {
  const found = resources.filter(
    (each) => each.type === 'AWS::SQS::Queue' && each.logicalId.slice(0, -8) === logicalId,
  );
  if (found.length !== 1) throw new Error(`${found.length} queues are called ${logicalId}`);
  return found[0]?.physicalId ?? '';
}

async function attributesOf(sqs: SQSClient, QueueUrl: string): Promise<Record<string, string>> {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  return Attributes;
}

type Redrive = { deadLetterTargetArn: string; maxReceiveCount: number | string };
const redriveOf = async (sqs: SQSClient, url: string) =>
  JSON.parse((await attributesOf(sqs, url))['RedrivePolicy'] ?? '') as Redrive;

export const triesOf = async (sqs: SQSClient, url: string) => Number((await redriveOf(sqs, url)).maxReceiveCount);

/** Gives up sooner than was deployed, for nobody waits for the true end of a test. */
export async function giveUpAfter(tries: number, sqs: SQSClient, QueueUrl: string): Promise<void> {
  const RedrivePolicy = JSON.stringify({ ...(await redriveOf(sqs, QueueUrl)), maxReceiveCount: tries });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
}

/** An alert that lies in a dead-letter queue, and how often it had been received; it is taken out. */
export async function takeLetter(sqs: SQSClient, QueueUrl: string) {
  const command = new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['All'] });
  const [message] = (await sqs.send(command)).Messages ?? [];
  if (!message) return undefined;
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
  const { Message } = JSON.parse(message.Body ?? '{}') as { Message: string };
  return JSON.parse(Message) as AlertDocument;
}

/** Messages that wait for somebody now, or that somebody works on. */
export async function atWork(sqs: SQSClient, urls: readonly string[]): Promise<number> {
  const counts = urls.map(async (url) => {
    const attributes = await attributesOf(sqs, url);
    return ['', 'NotVisible'].reduce(
      (sum, one) => sum + Number(attributes[`ApproximateNumberOfMessages${one}`] ?? 0),
      0,
    );
  });
  return (await Promise.all(counts)).reduce((sum, one) => sum + one, 0);
}
