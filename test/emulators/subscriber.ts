// A queue that subscribes to a topic, as a machine would: what SNS sent it, in order of arrival.
import { type SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

import { REGION } from './where.ts';

type Notice = { subject: string; level: string; kind: string; service: { id: string } };
export type Subscriber = Readonly<{ url: string; received(): Promise<readonly Notice[]> }>;

export async function subscribe(
  { sns, sqs }: { sns: SNSClient; sqs: SQSClient },
  at: { accountId: string; topicArn: string; name: string; levels?: readonly string[] },
): Promise<Subscriber> {
  const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: at.name }));
  await sns.send(
    new SubscribeCommand({
      TopicArn: at.topicArn,
      Protocol: 'sqs',
      Endpoint: `arn:aws:sqs:${REGION}:${at.accountId}:${at.name}`,
      ...(at.levels && { Attributes: { FilterPolicy: JSON.stringify({ level: at.levels }) } }),
    }),
  );
  const notices: Notice[] = [];
  return {
    url,
    async received() {
      const command = new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
      const { Messages = [] } = await sqs.send(command);
      for (const { Body = '{}' } of Messages) {
        const { Subject, Message } = JSON.parse(Body) as { Subject: string; Message: string };
        notices.push({ subject: Subject, ...JSON.parse(Message) });
      }
      const Entries = Messages.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
      if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
      return notices;
    },
  };
}
