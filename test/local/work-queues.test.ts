import { CreateQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { makeQueues, queueArn } from '../../local/work-queues.ts';
import { attributesOf, type Endpoint, startEndpoint } from './queue-endpoint.ts';

let endpoint: Endpoint;
beforeEach(async () => {
  endpoint = await startEndpoint();
});
afterEach(() => endpoint.stop());

const rulesOf = async (url: string) => {
  const { VisibilityTimeout, RedrivePolicy = '{}' } = await attributesOf(endpoint.sqs, url);
  return [VisibilityTimeout, JSON.parse(RedrivePolicy)];
};
const rules = (visibility: string, name: string) => [
  visibility,
  { deadLetterTargetArn: queueArn(`${name}-dead`), maxReceiveCount: 5 },
];

it('makes each queue with its dead-letter queue, and the same again', async () => {
  const urls = await makeQueues(endpoint.sqs);
  expect(await makeQueues(endpoint.sqs)).toEqual(urls);
  expect(await rulesOf(urls.probe)).toEqual(rules('60', 'probe'));
  expect(await rulesOf(urls.restart)).toEqual(rules('30', 'restart'));
  expect(await rulesOf(urls.alert)).toEqual(rules('30', 'alert'));
});

it('takes over the queue of a version with other numbers, with what is in it', async () => {
  const Attributes = { VisibilityTimeout: '7', DelaySeconds: '0' };
  const old = new CreateQueueCommand({ QueueName: 'lamplighter-probe', Attributes });
  const { QueueUrl } = await endpoint.sqs.send(old);
  await endpoint.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'left over' }));

  const { probe } = await makeQueues(endpoint.sqs);
  expect(probe).toBe(QueueUrl);
  expect(await rulesOf(probe)).toEqual(rules('60', 'probe'));
  expect(await attributesOf(endpoint.sqs, probe)).toMatchObject({ ApproximateNumberOfMessages: '1' });
});
