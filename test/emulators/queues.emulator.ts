// The adapters of SQS and SNS on the wire of moto, whose delays, filter policies and subject rule are true to AWS's.
import { randomUUID } from 'node:crypto';

import { CreateTopicCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, it } from 'vitest';

import { createSnsAlertSink } from '../../lambdas/adapters/sns-alert-sink.ts';
import { createSqsOutbox } from '../../lambdas/adapters/sqs-outbox.ts';
import { createSqsProbeQueue } from '../../lambdas/adapters/sqs-probe-queue.ts';
import { createSqsRestartQueue } from '../../lambdas/adapters/sqs-restart-queue.ts';
import type { PackMessage } from '../../lambdas/contract/messages.ts';
import type { Intent } from '../../lambdas/core/model/intents.ts';
import { fakeClock, START } from '../fakes/fake-clock.ts';
import { queueLengths } from './deployed-api.ts';
import { subscribe } from './subscriber.ts';
import { clientsOf, moto, until } from './where.ts';

const { signal } = new AbortController();
const { sns, sqs } = clientsOf(moto);
const key = { tenant: 'default', id: 'billing' };
let probeQueueUrl: string;
let restartQueueUrl: string;
let alertQueueUrl: string;
const makeQueue = async () => (await sqs.send(new CreateQueueCommand({ QueueName: randomUUID() }))).QueueUrl ?? '';
beforeEach(async () => {
  [probeQueueUrl, restartQueueUrl, alertQueueUrl] = [await makeQueue(), await makeQueue(), await makeQueue()];
});
async function bodies(QueueUrl: string): Promise<unknown[]> {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  return Messages.map(({ Body = '' }) => JSON.parse(Body) as unknown);
}
const lengthOf = async (url: string) => Object.values(await queueLengths(sqs, [url]))[0];
const pack = (shard: number): PackMessage => ({
  kind: 'pack',
  correlationId: 'c1',
  beat: START,
  stepSeconds: 10,
  shards: [{ shard, services: 1, privateServices: 0, unhealthy: 0, fastestSeconds: 10, version: 1 }],
});

describe('SQS', () => {
  it('takes more packs than go into one call, and keeps the delayed ones back', async () => {
    const packs = Array.from({ length: 12 }, (_, n) => ({ message: pack(n), delaySeconds: n < 3 ? 0 : 60 }));
    await createSqsProbeQueue({ client: sqs, probeQueueUrl }).sendPacks(packs, signal);
    expect(await lengthOf(probeQueueUrl)).toBe(12);
    const found = await bodies(probeQueueUrl);
    expect(found).toHaveLength(3);
    expect(found).toEqual(expect.arrayContaining([pack(0), pack(1), pack(2)]));
  });

  it('gives a delayed message once its time has come', async () => {
    const queue = createSqsRestartQueue({ client: sqs, restartQueueUrl });
    const sent = Date.now();
    await queue.again({ key, restartId: 'r1', correlationId: 'c1' }, 2, signal);
    const [message] = await until('the message', 10_000, async () => {
      const found = await bodies(restartQueueUrl);
      return found.length > 0 && found;
    });
    expect(message).toEqual({ correlationId: 'c1', ...key, restartId: 'r1' });
    expect(Date.now() - sent).toBeGreaterThan(1_000);
  });

  it('takes every intent into the queue of who carries it out', async () => {
    const outbox = createSqsOutbox({ client: sqs, probeQueueUrl, restartQueueUrl, alertQueueUrl, clock: fakeClock() });
    const intents = [
      { kind: 'restart', id: 'i1', restartId: 'r1' },
      { kind: 'probe', id: 'i2', dueAt: START },
      { kind: 'alert', id: 'i3' },
      { kind: 'record', id: 'i4' },
    ] as unknown as Intent[];
    await outbox.hand([{ key, intents }], 'c1', signal);
    const common = { correlationId: 'c1', ...key };
    expect(await bodies(restartQueueUrl)).toEqual([{ ...common, restartId: 'r1' }]);
    expect(await bodies(probeQueueUrl)).toEqual([{ kind: 'check', ...common, beat: START, intentId: 'i2' }]);
    expect(await bodies(alertQueueUrl)).toEqual([{ ...common, intentIds: ['i3', 'i4'] }]);
  });

  it('that has no such queue is a lasting fault by its name', async () => {
    const queue = createSqsProbeQueue({ client: sqs, probeQueueUrl: `${moto.origin}/${moto.accountId}/none` });
    await expect(queue.sendPacks([{ message: pack(1), delaySeconds: 0 }], signal)).rejects.toMatchObject({
      isTransient: false,
      message: expect.stringMatching(/QueueDoesNotExist|NonExistentQueue/),
    });
  });
});

describe('SNS', () => {
  const notice = (level: string) => ({
    subject: `[${level.toUpperCase()}] billing`,
    email: 'for people',
    sms: 'short',
    json: JSON.stringify({ level, kind: 'unhealthy', service: { id: 'billing' } }),
    attributes: { level, service: 'billing', project: '' },
  });
  const makeTopic = async () => (await sns.send(new CreateTopicCommand({ Name: randomUUID() }))).TopicArn ?? '';

  it('gives a notice to those alone whose filter lets its level through', async () => {
    const topicArn = await makeTopic();
    const at = { accountId: moto.accountId, topicArn };
    const all = await subscribe({ sns, sqs }, { ...at, name: randomUUID() });
    const critical = await subscribe({ sns, sqs }, { ...at, name: randomUUID(), levels: ['critical'] });
    const sink = createSnsAlertSink({ client: sns, topicArn });
    for (const level of ['info', 'error', 'critical']) await sink.publish(notice(level), signal);

    await until('three notices', 10_000, async () => (await all.received()).length === 3);
    expect((await all.received()).map(({ level }) => level).sort()).toEqual(['critical', 'error', 'info']);
    expect(await critical.received()).toEqual([expect.objectContaining({ subject: '[CRITICAL] billing' })]);
  });

  it('takes a subject of 100 characters and refuses one of 101', async () => {
    const sink = createSnsAlertSink({ client: sns, topicArn: await makeTopic() });
    await sink.publish({ ...notice('error'), subject: 'x'.repeat(100) }, signal);
    await expect(sink.publish({ ...notice('error'), subject: 'x'.repeat(101) }, signal)).rejects.toMatchObject({
      name: 'AlertError',
      isTransient: false,
      cause: { name: expect.stringContaining('InvalidParameter') },
    });
  });

  it('that has no such topic is a lasting fault', async () => {
    const sink = createSnsAlertSink({ client: sns, topicArn: `${await makeTopic()}-none` });
    await expect(sink.publish(notice('error'), signal)).rejects.toMatchObject({ isTransient: false });
  });
});
