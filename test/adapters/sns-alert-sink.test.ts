import { Agent, createServer } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';

import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { createSnsAlertSink } from '../../lambdas/adapters/sns-alert-sink.ts';
import { AwsFault, awsServer } from '../../local/aws/wire.ts';
import { close, listen } from '../../local/loopback-server.ts';
import { attributesOf, clientsOf, type Endpoint, makeQueue, startEndpoint } from '../local/queue-endpoint.ts';

let endpoint: Endpoint;
let topicArn: string;
const { signal } = new AbortController();
const notice = {
  subject: 'ERROR billing-api is down',
  email: 'Billing API is down.\nNothing will be restarted.',
  sms: 'billing-api down',
  json: '{"service":"billing-api"}',
  attributes: { level: 'error', service: 'billing-api', team: '', tags: ['team=payments', 'tier=1'], none: [] },
};

beforeEach(async () => {
  endpoint = await startEndpoint();
  topicArn = await endpoint.topics.configure('alerts', [
    { protocol: 'email', endpoint: 'ops@example.com' },
    { protocol: 'sms', endpoint: '+4915112345678', levels: ['error'] },
    { protocol: 'sms', endpoint: '+4915100000000', levels: ['critical'] },
  ]);
});
afterEach(async () => await endpoint.stop());

it('gives every kind of subscriber its own text, and the attributes to filter by', async () => {
  const queueUrl = await makeQueue(endpoint.sqs, 'machines');
  const { QueueArn } = await attributesOf(endpoint.sqs, queueUrl);
  await endpoint.sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: QueueArn }));
  await createSnsAlertSink({ client: endpoint.sns, topicArn }).publish(notice, signal);

  const command = new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 5 });
  const { Messages = [] } = await endpoint.sqs.send(command);
  expect(JSON.parse(Messages[0]?.Body ?? '')).toMatchObject({
    Subject: notice.subject,
    Message: notice.json,
    MessageAttributes: { level: { Type: 'String', Value: 'error' }, service: { Type: 'String', Value: 'billing-api' } },
  });
  expect(JSON.parse(Messages[0]?.Body ?? '').MessageAttributes).toEqual({
    level: { Type: 'String', Value: 'error' },
    service: { Type: 'String', Value: 'billing-api' },
    tags: { Type: 'String.Array', Value: '["team=payments","tier=1"]' },
  });
  await expect.poll(() => endpoint.printed.length, { timeout: 5_000 }).toBe(2);
  const [mail, sms] = [...endpoint.printed].sort((a, b) => b.length - a.length);
  expect(mail).toContain(`To: ops@example.com\nSubject: ${notice.subject}\n\n${notice.email}`);
  expect(sms).toContain('To: +4915112345678 (1 part, GSM-7)\n\nbilling-api down');
});

it('reaches whoever filters by one value of a list', async () => {
  const [queueUrl, otherUrl] = [await makeQueue(endpoint.sqs, 'payments'), await makeQueue(endpoint.sqs, 'search')];
  for (const [url, tag] of [
    [queueUrl, 'team=payments'],
    [otherUrl, 'team=search'],
  ] as const) {
    const { QueueArn } = await attributesOf(endpoint.sqs, url);
    const Attributes = { FilterPolicy: JSON.stringify({ tags: [tag] }), RawMessageDelivery: 'true' };
    await endpoint.sns.send(
      new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: QueueArn, Attributes }),
    );
  }
  await createSnsAlertSink({ client: endpoint.sns, topicArn }).publish(notice, signal);
  const { Messages = [] } = await endpoint.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 5 }),
  );
  expect(Messages.map(({ Body }) => Body)).toEqual([notice.json]);
  expect(await attributesOf(endpoint.sqs, otherUrl)).toMatchObject({ ApproximateNumberOfMessages: '0' });
});

it.each([
  ['a topic that is not there', 'arn:aws:sns:eu-central-1:000000000000:none', notice.subject, 'NotFoundException'],
  ['a subject that SNS refuses', '', 'x'.repeat(101), 'InvalidParameterException'],
])('%s is a lasting fault', async (_, arn, subject, name) => {
  const sink = createSnsAlertSink({ client: endpoint.sns, topicArn: arn || topicArn });
  await expect(sink.publish({ ...notice, subject }, signal)).rejects.toMatchObject({
    name: 'AlertError',
    message: `"${subject}" was not published: ${name}`,
    isTransient: false,
    cause: expect.objectContaining({ name }),
  });
});

it.each([
  ['Throttled', 429, true],
  ['InternalError', 500, true],
  ['AuthorizationError', 403, false],
])('%s (%d): trying again may help = %s', async (code, status, isTransient) => {
  const query = () => Promise.reject(new AwsFault(code, 'no', status));
  const server = awsServer({ json: [], query, dynamodb: (_, response) => response.end() });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { sns } = clientsOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const published = createSnsAlertSink({ client: sns, topicArn }).publish(notice, signal);
  await expect(published).rejects.toMatchObject({ name: 'AlertError', isTransient, wasRefused: true });
  sns.destroy();
  server.closeAllConnections();
  server.close();
});

it('an abort or no answer at all may be tried again, and SNS may have taken it', async () => {
  const sink = createSnsAlertSink({ client: endpoint.sns, topicArn });
  await expect(sink.publish(notice, AbortSignal.abort())).rejects.toMatchObject({
    isTransient: true,
    wasRefused: false,
  });
  expect(endpoint.printed).toEqual([]);
});

/** A client that tries twice, as those in functions do. */
const trying = (port: number, lookup?: LookupFunction) =>
  new SNSClient({
    ...{
      endpoint: `http://${lookup ? 'sns.example.com' : '127.0.0.1'}:${port}`,
      region: 'eu-central-1',
      maxAttempts: 2,
    },
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    ...(lookup && { requestHandler: { httpAgent: new Agent({ lookup }) } }),
  });

it.each(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED'])('was not reached (%s): SNS has not taken it', async (code) => {
  let tries = 0;
  const lookup: LookupFunction = (_, __, answer) => {
    tries += 1;
    answer(Object.assign(new Error(code), { code }), '');
  };
  // Nobody listens at a port that was given back a moment ago.
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const client = trying(port, code === 'ECONNREFUSED' ? undefined : lookup);
  await expect(createSnsAlertSink({ client, topicArn }).publish(notice, signal)).rejects.toMatchObject({
    ...{ name: 'AlertError', isTransient: true, wasRefused: true },
    cause: expect.objectContaining({ code }),
  });
  expect(tries).toBe(code === 'ECONNREFUSED' ? 0 : 2);
  client.destroy();
});

it.each<[string, ('no' | 'hang up')[], boolean]>([
  ['a no at every try: SNS has not taken it', ['no', 'no'], true],
  ['no answer, and then a no: it may have taken it at the first', ['hang up', 'no'], false],
  ['a no, and then no answer: it may have taken it at the last', ['no', 'hang up'], false],
])('%s', async (_, answers, wasRefused) => {
  const left = [...answers];
  const server = createServer((request, response) => {
    if (left.shift() === 'hang up') return request.socket.destroy();
    return response.writeHead(429).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = trying((server.address() as AddressInfo).port);
  const published = createSnsAlertSink({ client, topicArn }).publish(notice, signal);
  await expect(published).rejects.toMatchObject({ isTransient: true, wasRefused });
  expect(left).toEqual([]);
  client.destroy();
  server.closeAllConnections();
  server.close();
});

it('is not waited for when it is silent: it may have taken it, and trying again may help', async () => {
  const server = awsServer({
    json: [],
    query: () => new Promise(() => undefined),
    dynamodb: (_, response) => response.end(),
  });
  const { sns } = clientsOf(await listen(server, 0));
  const sink = createSnsAlertSink({ client: sns, topicArn, patienceMs: 50 });
  await expect(sink.publish(notice, signal)).rejects.toMatchObject({ isTransient: true, wasRefused: false });
  sns.destroy();
  await close(server);
});
