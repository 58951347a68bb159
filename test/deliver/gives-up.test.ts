// A receiver's queue on the real wire: pauses that grow, and the dead-letter queue at the end.
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { expect, it, onTestFinished } from 'vitest';

import { hmacSha256 } from '../../lambdas/adapters/hmac-sha256.ts';
import { createHttpsPoster } from '../../lambdas/adapters/https-poster.ts';
import { createSnsAlertSink } from '../../lambdas/adapters/sns-alert-sink.ts';
import { createSqsDeliveryQueue } from '../../lambdas/adapters/sqs-delivery-queue.ts';
import { buildNotice } from '../../lambdas/core/alerts/notice.ts';
import { deliverAlert } from '../../lambdas/deliver/deliver-alert.ts';
import { topicMessageSchema } from '../../lambdas/runtime/message-schemas.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { attributesOf, makeQueue, startEndpoint } from '../local/queue-endpoint.ts';
import { billing, makeAlert } from '../make/alerts.ts';
import { openReceiver } from './receiver.ts';

const { signal } = new AbortController();
const notice = buildNotice(billing, makeAlert());
const TRIES = 4;

/** One alert on its way to a receiver that answers with this status; time goes only when told to. */
async function setUp(status: number) {
  let now = Date.now();
  const endpoint = await startEndpoint({ now: () => now });
  onTestFinished(async () => await endpoint.stop());
  const deadUrl = await makeQueue(endpoint.sqs, 'chat-dead');
  const { QueueArn: deadLetterTargetArn } = await attributesOf(endpoint.sqs, deadUrl);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: TRIES });
  const queueUrl = await makeQueue(endpoint.sqs, 'chat', { RedrivePolicy, VisibilityTimeout: '150' });
  const { QueueArn } = await attributesOf(endpoint.sqs, queueUrl);
  const topicArn = await endpoint.topics.configure('alerts', []);
  await endpoint.sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: QueueArn }));
  await createSnsAlertSink({ client: endpoint.sns, topicArn }).publish(notice, signal);
  const { url, received } = await openReceiver(() => ({ status }));
  const ports = {
    receiver: { name: 'chat', format: 'webhook', secret: '/a', isLocal: true } as const,
    secrets: { read: async () => JSON.stringify({ url, keys: ['whsec_bmV3LXNlY3JldC1vZi10aGUtd2ViaG9vaw=='] }) },
    poster: createHttpsPoster(),
    queue: createSqsDeliveryQueue(endpoint.sqs, queueUrl),
    hmac: hmacSha256,
    clock: { now: () => now },
    log: fakeLog(),
  };
  const receive = async (QueueUrl = queueUrl, WaitTimeSeconds = 0) =>
    await messagesOf(endpoint.sqs, QueueUrl, WaitTimeSeconds);
  return {
    received,
    /** Works off what is there, as Lambda would; gives how many messages there were. */
    async round(waitSeconds = 0) {
      const messages = await receive(queueUrl, waitSeconds);
      for (const { Body = '', ReceiptHandle = '', Attributes } of messages) {
        const { Message } = topicMessageSchema.parse(JSON.parse(Body));
        const receipt = { receiptHandle: ReceiptHandle, tries: Number(Attributes?.ApproximateReceiveCount) };
        await expect(deliverAlert(Message, receipt, ports, signal)).rejects.toThrow(`it answered ${status}`);
      }
      return messages.length;
    },
    pass: (seconds: number) => void (now += seconds * 1000),
    /** A message is moved behind the answer that it is gone, so it is waited for. */
    dead: async () => await receive(deadUrl, 5),
  };
}

async function messagesOf(sqs: SQSClient, QueueUrl: string, WaitTimeSeconds: number) {
  const command = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds, MessageSystemAttributeNames: ['All'] });
  const { Messages = [] } = await sqs.send(command);
  return Messages;
}

it.each([
  ['a receiver that is away: after pauses that grow', 503, [10, 30, 90]],
  ['a receiver that says no for good: within seconds', 410, [5, 5, 5]],
])('gives up on %s', async (_what, status, pauses) => {
  const { received, round, pass, dead } = await setUp(status);
  expect(await round(5)).toBe(1);
  for (const seconds of pauses) {
    pass(seconds - 1);
    expect(await round()).toBe(0);
    pass(1);
    expect(await round()).toBe(1);
  }
  expect(received).toHaveLength(TRIES);
  pass(900);
  expect(await round()).toBe(0);
  const [letter] = await dead();
  expect(JSON.parse(topicMessageSchema.parse(JSON.parse(letter?.Body ?? '')).Message)).toEqual(JSON.parse(notice.json));
  // Every try bore the same id, so who took one of them drops the others.
  expect(new Set(received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set(['inc-1:unhealthy']));
});
