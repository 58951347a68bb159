// The subscribers of the operators' topic, and which of them would hear of an alarm.
import { ListSubscriptionsByTopicCommand, type SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod';

const answerSchema = z.object({
  Subscriptions: z
    .array(z.object({ SubscriptionArn: z.string(), Protocol: z.string(), Endpoint: z.string().default('') }))
    .default([]),
  NextToken: z.string().optional(),
});
export type Receiver = Readonly<{ protocol: string; endpoint: string; isConfirmed: boolean }>;

export async function receiversOf(client: SNSClient, topicArn: string): Promise<readonly Receiver[]> {
  const receivers: Receiver[] = [];
  let NextToken: string | undefined;
  do {
    const command = new ListSubscriptionsByTopicCommand({ TopicArn: topicArn, NextToken });
    const page = answerSchema.parse(await client.send(command));
    for (const { SubscriptionArn, Protocol, Endpoint } of page.Subscriptions)
      // Until a subscription is confirmed, a word takes the place of its ARN.
      receivers.push({ protocol: Protocol, endpoint: Endpoint, isConfirmed: SubscriptionArn.startsWith('arn:') });
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return receivers;
}

/** One line for each, the confirmed ones first. */
export function listed(receivers: readonly Receiver[]): string[] {
  const width = Math.max(0, ...receivers.map(({ endpoint }) => endpoint.length));
  return receivers
    .toSorted((a, b) => Number(b.isConfirmed) - Number(a.isConfirmed))
    .map(
      ({ protocol, endpoint, isConfirmed }) =>
        `  ${protocol.padEnd(6)} ${endpoint.padEnd(width)}  ${isConfirmed ? 'confirmed' : 'NOT CONFIRMED: nothing is delivered to it'}`,
    );
}

/** What to do so that those who have not confirmed, or anybody at all, are told of the next alarm. */
export function howToBeTold(receivers: readonly Receiver[], topicArn: string): string {
  if (receivers.length === 0) return 'Name people under operators.email in the settings, and deploy again.';
  const again = receivers
    .filter(({ isConfirmed }) => !isConfirmed)
    .map(
      ({ protocol, endpoint }) =>
        `  aws sns subscribe --topic-arn ${topicArn} --protocol ${protocol} --notification-endpoint ${endpoint}`,
    );
  return [
    'Follow the link in the mail "AWS Notification - Subscription Confirmation". It is dead after three days; for another:',
    ...again,
  ].join('\n');
}
