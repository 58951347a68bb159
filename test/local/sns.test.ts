import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  PublishCommand,
  type PublishCommandInput,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { snsConfigSchema } from '../../local/aws/sns/config.ts';
import { pauseAfter } from '../../local/aws/sns/delivery.ts';
import { smsParts } from '../../local/aws/sns/print.ts';
import { clientsOf, type Endpoint, makeQueue, startEndpoint } from './queue-endpoint.ts';

type Post = { headers: IncomingHttpHeaders; body: string };
let endpoint: Endpoint;
let hook: Server;
let hookUrl: string;
let posts: Post[];
/** What the web hook answers, one after the other; 200 when nothing is left. */
let answers: number[];
const soon = { timeout: 10_000, interval: 5 };
const topic = 'arn:aws:sns:eu-central-1:000000000000:alerts';

beforeEach(async () => {
  posts = [];
  answers = [];
  hook = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      posts.push({ headers: request.headers, body });
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  hookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook`;
  endpoint = await startEndpoint();
  await endpoint.topics.configure('alerts', []);
});
afterEach(async () => {
  await endpoint.stop();
  hook.closeAllConnections();
  hook.close();
});

const publish = async (more: Partial<PublishCommandInput> = {}, sns: SNSClient = endpoint.sns) =>
  await sns.send(new PublishCommand({ TopicArn: topic, Message: 'it is down', ...more }));
const subscribe = async (Protocol: string, Endpoint: string, Attributes = {}) => {
  const command = new SubscribeCommand({
    TopicArn: topic,
    Protocol,
    Endpoint,
    Attributes,
    ReturnSubscriptionArn: true,
  });
  return (await endpoint.sns.send(command)).SubscriptionArn ?? '';
};
const attributesOf = async (SubscriptionArn: string) =>
  (await endpoint.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes;
/** The web hook as the configuration file would name it: confirmed from the start. */
const configure = async (more = {}) =>
  await endpoint.topics.configure(
    'alerts',
    snsConfigSchema.parse({ subscribers: [{ protocol: 'http', endpoint: hookUrl, ...more }] }).subscribers,
  );
const text = (value: string, DataType = 'String') => ({ DataType, StringValue: value });
const envelopes = () => posts.map(({ body }) => JSON.parse(body));

describe('topics', () => {
  it('are made by name, once, and listed', async () => {
    const made = await endpoint.sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    expect(made.TopicArn).toBe(topic);
    const { Topics } = await endpoint.sns.send(new ListTopicsCommand({}));
    expect(Topics).toEqual([{ TopicArn: topic }]);
    const bad = endpoint.sns.send(new CreateTopicCommand({ Name: 'a b' }));
    await expect(bad).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});

describe('a publish', () => {
  it.each([
    ['a subject that is too long', { Subject: 'x'.repeat(101) }],
    ['a subject with a line break', { Subject: 'a\nb' }],
    ['a subject that is not ASCII', { Subject: 'Störung' }],
    ['a subject that begins with a space', { Subject: ' a' }],
    ['a message that is too long', { Message: 'x'.repeat(256 * 1024 + 1) }],
    ['no message', { Message: '' }],
    ['a structure without a default', { MessageStructure: 'json', Message: '{"email":"x"}' }],
    ['a structure that is no JSON', { MessageStructure: 'json', Message: '{' }],
    ['a structure that is not known', { MessageStructure: 'xml' }],
  ])('with %s is an InvalidParameter', async (_, more) => {
    await expect(publish(more)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('at its limits is taken', async () => {
    const { MessageId } = await publish({ Subject: `[${'x'.repeat(99)}`, Message: 'x'.repeat(256 * 1024) });
    expect(MessageId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('refuses an attribute without a value, and a topic that is not there', async () => {
    const empty = publish({ MessageAttributes: { level: text('') } });
    await expect(empty).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    await expect(publish({ TopicArn: `${topic}x` })).rejects.toMatchObject({ name: 'NotFoundException' });
  });
});

describe('a web hook', () => {
  it('is posted the envelope and headers of SNS', async () => {
    await configure();
    const MessageAttributes = { level: text('error'), count: text('3', 'Number') };
    const { MessageId } = await publish({ Subject: 'Down & "out" <now>', MessageAttributes });
    await expect.poll(() => posts.length, soon).toBe(1);
    const [{ headers, body } = { headers: {}, body: '' }] = posts;
    const arn = String(headers['x-amz-sns-subscription-arn']);
    expect(arn.startsWith(`${topic}:`)).toBe(true);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=UTF-8',
      'user-agent': 'Amazon Simple Notification Service Agent',
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-message-id': MessageId,
      'x-amz-sns-topic-arn': topic,
    });
    expect(JSON.parse(body)).toEqual({
      Type: 'Notification',
      MessageId,
      TopicArn: topic,
      Subject: 'Down & "out" <now>',
      Message: 'it is down',
      Timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      SignatureVersion: '1',
      Signature: '',
      SigningCertURL: '',
      UnsubscribeURL: `${endpoint.origin}/?Action=Unsubscribe&SubscriptionArn=${arn}`,
      MessageAttributes: { level: { Type: 'String', Value: 'error' }, count: { Type: 'Number', Value: '3' } },
    });
  });

  it('is posted its own text of a structured message', async () => {
    await configure();
    await publish({
      MessageStructure: 'json',
      Message: JSON.stringify({ default: 'all', http: 'hooks', sms: 'phones' }),
    });
    await expect.poll(() => envelopes().map(({ Message }) => Message), soon).toEqual(['hooks']);
  });

  it('is posted the bare message when it wants that', async () => {
    const arn = await subscribe('http', hookUrl, { RawMessageDelivery: 'true' });
    await expect.poll(() => posts.length, soon).toBe(1);
    await fetch(envelopes()[0].SubscribeURL);
    await publish();
    await expect.poll(() => posts.length, soon).toBe(2);
    expect(posts[1]).toMatchObject({ body: 'it is down', headers: { 'x-amz-sns-rawdelivery': 'true' } });
    expect(await attributesOf(arn)).toMatchObject({ RawMessageDelivery: 'true' });
  });

  it('is tried again until it answers, with the same message', async () => {
    await configure();
    answers = [500, 503, 429, 500, 500, 500, 200];
    const { MessageId } = await publish();
    await expect.poll(() => posts.length, soon).toBe(7);
    expect(new Set(envelopes().map((envelope) => envelope.MessageId))).toEqual(new Set([MessageId]));
    await publish({ Message: 'next' });
    await expect.poll(() => envelopes().filter(({ Message }) => Message === 'next'), soon).toHaveLength(1);
    expect(posts).toHaveLength(8);
  });

  it('that says no is not asked again', async () => {
    await configure();
    answers = [404];
    await publish();
    await expect
      .poll(() => endpoint.printed, soon)
      .toEqual([`SNS: gave up on ${hookUrl} after 1 attempts: status 404\n`]);
    expect(posts).toHaveLength(1);
  });

  it('that never answers is given up after fifty-one attempts', async () => {
    await configure();
    answers = Array.from({ length: 60 }, () => 500);
    await publish();
    await expect.poll(() => endpoint.printed.length, soon).toBe(1);
    expect(posts).toHaveLength(51);
  });

  it('is not tried more often because of a restart, and not again once it answered', async () => {
    await configure();
    await publish({ Message: 'taken' });
    await expect.poll(() => posts.length, soon).toBe(1);
    answers = Array.from({ length: 200 }, () => 500);
    await publish({ Message: 'never taken' });
    await expect.poll(() => posts.length, soon).toBeGreaterThan(25);
    await endpoint.stop({ forget: false });
    endpoint = await startEndpoint({ folder: endpoint.home });
    await expect.poll(() => endpoint.printed.length, soon).toBe(1);
    const of = (text: string) => envelopes().filter(({ Message }) => Message === text).length;
    expect(of('taken')).toBe(1);
    // The attempt that the stop cut short is made again.
    expect(of('never taken')).toBeLessThanOrEqual(52);
  });

  it('is tried three times at once, then at the pace of SNS', () => {
    expect([1, 3, 4, 5, 6, 15, 16, 50, 51].map(pauseAfter)).toEqual([0, 0, 1e3, 1e3, 1e3, 2e4, 2e4, 2e4, undefined]);
  });
});

describe('a subscription made through the API', () => {
  it('of a web hook gets nothing until its link was visited', async () => {
    const arn = await subscribe('http', hookUrl);
    await expect.poll(() => posts.length, soon).toBe(1);
    const [confirmation] = envelopes();
    expect(posts[0]?.headers['x-amz-sns-message-type']).toBe('SubscriptionConfirmation');
    expect(confirmation).toMatchObject({
      Type: 'SubscriptionConfirmation',
      TopicArn: topic,
      Token: expect.any(String),
    });
    await publish({ Message: 'too early' });
    const listed = async () =>
      (await endpoint.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }))).Subscriptions;
    expect(await listed()).toMatchObject([
      { SubscriptionArn: 'PendingConfirmation', Protocol: 'http', Endpoint: hookUrl },
    ]);
    expect(await (await fetch(confirmation.SubscribeURL)).text()).toContain(arn);
    expect(await listed()).toMatchObject([{ SubscriptionArn: arn }]);
    await publish({ Message: 'in time' });
    await expect
      .poll(
        () =>
          envelopes()
            .map(({ Message }) => Message)
            .slice(1),
        soon,
      )
      .toEqual(['in time']);
  });

  it('can be confirmed by its token, and by no other', async () => {
    const arn = await subscribe('http', hookUrl);
    await expect.poll(() => posts.length, soon).toBe(1);
    const confirm = async (Token: string) =>
      await endpoint.sns.send(new ConfirmSubscriptionCommand({ TopicArn: topic, Token }));
    await expect(confirm('wrong')).rejects.toMatchObject({ name: 'InvalidParameterException' });
    expect((await confirm(envelopes()[0].Token)).SubscriptionArn).toBe(arn);
    expect(await attributesOf(arn)).toMatchObject({ PendingConfirmation: 'false' });
  });

  it('of a mailbox is asked by mail', async () => {
    await subscribe('email', 'ops@example.com');
    await expect.poll(() => endpoint.printed.length, soon).toBe(1);
    const link = /http:\S+/.exec(endpoint.printed[0] ?? '')?.[0] ?? '';
    await fetch(link);
    await publish({ Subject: 'Down' });
    await expect.poll(() => endpoint.printed.length, soon).toBe(2);
    expect(endpoint.printed[1]).toContain(
      'From: Lamplighter <lamp@example.com>\nTo: ops@example.com\nSubject: Down\n\nit is down',
    );
  });

  it('is one however often it is made, and ends by its link', async () => {
    const arn = await subscribe('sms', '+4915112345678');
    expect(await subscribe('sms', '+4915112345678')).toBe(arn);
    await publish();
    await expect.poll(() => endpoint.printed.length, soon).toBe(1);
    await endpoint.sns.send(new UnsubscribeCommand({ SubscriptionArn: arn }));
    await expect(attributesOf(arn)).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  it.each([
    ['lambda', 'arn:aws:lambda:eu-central-1:0:function:f', {}],
    ['http', 'https://example.com', {}],
    ['sms', '12345', {}],
    ['email', 'ops@example.com', { FilterPolicy: '{"level":[{"wildcard":"x"}]}' }],
    ['email', 'ops@example.com', { DeliveryPolicy: '{}' }],
  ])('to %s %s with %j is refused', async (protocol, address, attributes) => {
    await expect(subscribe(protocol, address, attributes)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('gets what its filter policy lets through, by attributes or by body', async () => {
    const url = await makeQueue(endpoint.sqs, 'machines');
    const arn = await subscribe('sqs', 'arn:aws:sqs:eu-central-1:000000000000:machines', {
      FilterPolicy: '{"level":["error"],"count":[{"numeric":[">",2]}],"tags":["a"]}',
      RawMessageDelivery: 'true',
    });
    const received = async () => {
      const command = new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 5, MessageAttributeNames: ['All'] });
      return (await endpoint.sqs.send(command)).Messages?.[0];
    };
    const tags = text('["a","b"]', 'String.Array');
    await publish({ Message: 'no', MessageAttributes: { level: text('error'), count: text('2', 'Number'), tags } });
    await publish({ Message: 'yes', MessageAttributes: { level: text('error'), count: text('3', 'Number'), tags } });
    expect(await received()).toMatchObject({ Body: 'yes', MessageAttributes: { level: text('error') } });

    const set = async (AttributeName: string, AttributeValue: string) =>
      await endpoint.sns.send(
        new SetSubscriptionAttributesCommand({ SubscriptionArn: arn, AttributeName, AttributeValue }),
      );
    await expect(set('FilterPolicy', '{"a":{"b":["c"]}}')).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await set('FilterPolicyScope', 'MessageBody');
    await set('FilterPolicy', '{"a":{"b":["c"]}}');
    await publish({ Message: 'no JSON' });
    await publish({ Message: '{"a":{"b":"c"}}' });
    expect(await received()).toMatchObject({ Body: '{"a":{"b":"c"}}' });
    await set('FilterPolicy', '');
    await publish({ Message: 'anything' });
    expect(await received()).toMatchObject({ Body: 'anything' });
  });
});

describe('subscribers of the configuration file', () => {
  it('are those of the file at every start, beside those of the API', async () => {
    await configure();
    const own = await subscribe('sms', '+4915112345678');
    await configure({ endpoint: `${hookUrl}2`, levels: ['critical', 'error'] });
    const { Subscriptions = [] } = await endpoint.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }));
    expect(Subscriptions.map(({ Endpoint }) => Endpoint).sort()).toEqual(['+4915112345678', `${hookUrl}2`]);
    const other = Subscriptions.find(({ SubscriptionArn }) => SubscriptionArn !== own)?.SubscriptionArn ?? '';
    expect((await attributesOf(other))?.['FilterPolicy']).toBe('{"level":["critical","error"]}');
  });

  it.each([
    [{ protocol: 'email', endpoint: 'nobody' }, 'is no endpoint of protocol email'],
    [{ protocol: 'sms', endpoint: '015112345678' }, 'is no endpoint of protocol sms'],
    [{ protocol: 'http', endpoint: 'ftp://x' }, 'is no endpoint of protocol http'],
    [{ protocol: 'sms', endpoint: '+4915112345678', levels: ['loud'] }, 'Invalid option'],
    [{ protocol: 'sms', endpoint: '+4915112345678', level: ['error'] }, 'Unrecognized key'],
    [{ protocol: 'sms', endpoint: '+4915112345678', filterPolicy: { a: 'x' } }, 'a must be an array'],
    [
      { protocol: 'sms', endpoint: '+4915112345678', levels: ['error'], filterPolicy: { level: ['info'] } },
      'filterPolicy names the level already',
    ],
  ])('%j is a fault of the file', (subscriber, message) => {
    expect(snsConfigSchema.safeParse({ subscribers: [subscriber] }).error?.message).toContain(message);
  });

  it('may be none', () => {
    expect(snsConfigSchema.parse({})).toEqual({ subscribers: [] });
  });
});

it.each([
  ['160 plain signs', 'x'.repeat(160), 'GSM-7', 1],
  ['161 plain signs', 'x'.repeat(161), 'GSM-7', 2],
  ['306 plain signs', 'x'.repeat(306), 'GSM-7', 2],
  ['307 plain signs', 'x'.repeat(307), 'GSM-7', 3],
  ['signs that take two places', '€'.repeat(81), 'GSM-7', 2],
  ['70 signs with one of UCS-2', `${'x'.repeat(69)}’`, 'UCS-2', 1],
  ['71 signs with one of UCS-2', `${'x'.repeat(70)}’`, 'UCS-2', 2],
  ['36 lanterns, which are two units each', '🏮'.repeat(36), 'UCS-2', 2],
])('an SMS of %s is counted as its network would', (_, body, alphabet, parts) => {
  expect(smsParts(body)).toEqual({ alphabet, parts });
});

it('killed without warning loses no notice that was taken, though its subscriber was away', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamplighter-queues-'));
  const program = join(import.meta.dirname, 'queue-endpoint.ts');
  const child = spawn(process.execPath, [program, folder, hookUrl], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const { value: origin } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  const { sns, sqs } = clientsOf(String(origin));
  answers = Array.from({ length: 10_000 }, () => 503);
  const ids: (string | undefined)[] = [];
  for (let n = 0; n < 20; n += 1) ids.push((await publish({}, sns)).MessageId);
  child.kill('SIGKILL');
  await ended;
  sns.destroy();
  sqs.destroy();

  answers = [];
  posts = [];
  await endpoint.stop();
  endpoint = await startEndpoint({ folder, now: () => Date.now() + 60_000 });
  await expect.poll(() => new Set(envelopes().map(({ MessageId }) => MessageId)), soon).toEqual(new Set(ids));
});
