import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { type Poller, startPoller } from '../../local/queue-poller.ts';
import { attributesOf, clientsOf, type Endpoint, makeQueue, startEndpoint } from './queue-endpoint.ts';

let endpoint: Endpoint;
let queueUrl: string;
let poller: Poller | undefined;
let shiftMs = 0;
const errors: unknown[] = [];

beforeEach(async () => {
  errors.length = 0;
  shiftMs = 0;
  endpoint = await startEndpoint({ now: () => Date.now() + shiftMs });
  queueUrl = await makeQueue(endpoint.sqs, 'probe');
});
afterEach(async () => {
  await poller?.stop();
  await endpoint.stop();
});

const queueArn = 'arn:aws:sqs:eu-central-1:000000000000:probe';
type Invoke = (event: SQSEvent) => Promise<SQSBatchResponse | void>;
function poll(invoke: Invoke, more = {}) {
  const onError = (error: unknown) => errors.push(error);
  const common = { client: endpoint.sqs, queueUrl, queueArn, batchSize: 10, visibilitySeconds: 90, concurrency: 2 };
  poller = startPoller({ ...common, invoke, onError, ...more });
}
const send = async (MessageBody: string) =>
  await endpoint.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
async function sendTogether(texts: readonly string[]) {
  const Entries = texts.map((MessageBody, n) => ({ Id: String(n), MessageBody }));
  await endpoint.sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
}
const left = async () => {
  const found = await attributesOf(endpoint.sqs, queueUrl);
  return Number(found['ApproximateNumberOfMessages']) + Number(found['ApproximateNumberOfMessagesNotVisible']);
};
const soon = { timeout: 10_000, interval: 5 };

it('hands a message on as Lambda would, and deletes it', async () => {
  const events: SQSEvent[] = [];
  poll(async (event) => void events.push(event));
  const MessageAttributes = { level: { DataType: 'String', StringValue: 'error' } };
  const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: '{"a":1}', MessageAttributes });
  const { MessageId, MD5OfMessageBody } = await endpoint.sqs.send(command);
  await expect.poll(left, soon).toBe(0);
  expect(events).toEqual([
    {
      Records: [
        {
          messageId: MessageId,
          receiptHandle: expect.any(String),
          body: '{"a":1}',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: '000000000000',
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          },
          messageAttributes: {
            level: { stringValue: 'error', stringListValues: [], binaryListValues: [], dataType: 'String' },
          },
          md5OfBody: MD5OfMessageBody,
          eventSource: 'aws:sqs',
          eventSourceARN: queueArn,
          awsRegion: 'eu-central-1',
        },
      ],
    },
  ]);
  expect(errors).toEqual([]);
});

it('deletes what succeeded and sees the rest again after the visibility timeout', async () => {
  const seen: string[] = [];
  await sendTogether(['good', 'bad']);
  poll(async ({ Records }) => {
    seen.push(...Records.map(({ body }) => body));
    const bad = Records.filter(({ body, attributes }) => body === 'bad' && attributes.ApproximateReceiveCount === '1');
    return { batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  });
  await expect.poll(left, soon).toBe(1);
  expect([...seen].sort()).toEqual(['bad', 'good']);
  shiftMs = 60_000;
  await send('wakes the poll');
  await expect.poll(() => seen.length, soon).toBe(3);
  expect(seen).toContain('wakes the poll');
  shiftMs = 91_000;
  await send('wakes it again');
  await expect.poll(left, soon).toBe(0);
  expect(seen.filter((body) => body === 'bad')).toHaveLength(2);
  expect(seen.filter((body) => body === 'good')).toHaveLength(1);
});

it.each([
  ['the function throws', () => Promise.reject(new Error('boom')), 'boom'],
  [
    'the function names a failure that is none',
    () => Promise.resolve({ batchItemFailures: [{ itemIdentifier: 'x' }] }),
    'not in its batch',
  ],
])('keeps the whole batch when %s', async (_, invoke: () => Promise<SQSBatchResponse>, message) => {
  await sendTogether(['a', 'b']);
  poll(invoke);
  await expect.poll(() => errors.length, soon).toBe(1);
  expect(String(errors[0])).toContain(message);
  expect(await left()).toBe(2);
});

it('hands on what is sent to an idle queue within 50 ms', async () => {
  const waited: number[] = [];
  poll(async ({ Records }) => void waited.push(...Records.map(({ body }) => Date.now() - Number(body))));
  for (let n = 1; n <= 20; n += 1) {
    await send(String(Date.now()));
    await expect.poll(() => waited.length, { ...soon, interval: 1 }).toBe(n);
  }
  // The median: one slow turn of a busy machine is no fault of the poller.
  const median = waited.sort((a, b) => a - b)[10];
  expect(median).toBeLessThan(50);
});

it('never has more invocations under way than allowed, and stops when they have ended', async () => {
  let underWay = 0;
  let most = 0;
  let ended = 0;
  const gate = Promise.withResolvers<void>();
  await sendTogether(['1', '2', '3', '4', '5']);
  const invoke = async () => {
    most = Math.max(most, ++underWay);
    await gate.promise;
    underWay -= 1;
    ended += 1;
  };
  poll(invoke, { batchSize: 1 });
  await expect.poll(() => underWay, soon).toBe(2);
  const stopped = poller?.stop();
  expect(ended).toBe(0);
  gate.resolve();
  await stopped;
  expect(most).toBe(2);
  expect(ended).toBe(2);
  expect(await left()).toBe(3);
});

it('stops only when the last invocation has ended, busy or not', async () => {
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let hasEnded = false;
  poll(async () => {
    begun.resolve();
    await gate.promise;
    hasEnded = true;
  });
  await send('a');
  await begun.promise;
  const stopped = poller?.stop().then(() => hasEnded);
  // Long enough for a stop that does not wait to be over.
  await left();
  gate.resolve();
  expect(await stopped).toBe(true);
});

it('goes on when the queue was away for a while', async () => {
  const seen: string[] = [];
  const { home, origin } = endpoint;
  const stays = startPollerOn(origin, seen);
  await endpoint.stop({ forget: false });
  await expect.poll(() => stays.errors.length, soon).toBeGreaterThan(0);
  endpoint = await startEndpoint({ folder: home, port: Number(new URL(origin).port) });
  await send('back');
  await expect.poll(() => seen, soon).toContain('back');
  await stays.poller.stop();
  stays.client.destroy();
});

/** With a client of its own, since the endpoint takes its clients with it. */
function startPollerOn(origin: string, seen: string[]) {
  const found: unknown[] = [];
  const { sqs: client } = clientsOf(origin);
  const invoke: Invoke = async ({ Records }) => void seen.push(...Records.map(({ body }) => body));
  const common = { client, queueUrl, queueArn, batchSize: 10, visibilitySeconds: 30, concurrency: 2 };
  return { client, errors: found, poller: startPoller({ ...common, invoke, onError: (error) => found.push(error) }) };
}
