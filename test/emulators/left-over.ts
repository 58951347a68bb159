// What bears the name of a stack that is gone.
import { ListTopicsCommand, type SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, type SQSClient } from '@aws-sdk/client-sqs';

import { apiNames, functionNames, logGroupNames, scheduleNames } from './ministack-api.ts';

/** Queues, topics, functions, schedules, APIs and log groups, of which a deleted stack should leave none. */
export async function leftOf(stack: string, { sns, sqs }: { sns: SNSClient; sqs: SQSClient }): Promise<string[]> {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
  const left = [...QueueUrls, ...Topics.map(({ TopicArn = '' }) => TopicArn), ...(await functionNames())];
  left.push(...(await scheduleNames()), ...(await apiNames()), ...(await logGroupNames()));
  return left.filter((name) => name.includes(stack));
}
