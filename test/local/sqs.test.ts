import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';

import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type * as z from 'zod';

import { type Message as StoredMessage, Queue } from '../../local/aws/sqs/queue.ts';
import { openSqs } from '../../local/aws/sqs/sqs.ts';
import type { Collection } from '../../local/storage.ts';
import { attributesOf, clientsOf, type Endpoint, makeQueue, startEndpoint } from './queue-endpoint.ts';

let endpoint: Endpoint;
let shiftMs = 0;
const now = () => Date.now() + shiftMs;
const pass = (seconds: number) => (shiftMs += seconds * 1000);

beforeEach(async () => {
  shiftMs = 0;
  endpoint = await startEndpoint({ now });
});
afterEach(async () => await endpoint.stop());

const send = async (QueueUrl: string, MessageBody: string, DelaySeconds?: number) =>
  await endpoint.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds }));
async function receive(QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> {
  const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more });
  const { Messages = [] } = await endpoint.sqs.send(command);
  return Messages;
}
const bodies = (messages: Message[]) => messages.map(({ Body }) => Body);
const counts = async (url: string) => {
  const found = await attributesOf(endpoint.sqs, url);
  const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: held } = found;
  return { visible, held, delayed: found['ApproximateNumberOfMessagesDelayed'] };
};

describe('queues', () => {
  it('are made once, found by name and listed by prefix', async () => {
    const url = await makeQueue(endpoint.sqs, 'probe', { VisibilityTimeout: '60' });
    expect(url).toBe(`${endpoint.origin}/000000000000/probe`);
    expect(await makeQueue(endpoint.sqs, 'probe', { VisibilityTimeout: '60' })).toBe(url);
    await makeQueue(endpoint.sqs, 'alert');
    const { QueueUrl } = await endpoint.sqs.send(new GetQueueUrlCommand({ QueueName: 'probe' }));
    expect(QueueUrl).toBe(url);
    const { QueueUrls } = await endpoint.sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'pr' }));
    expect(QueueUrls).toEqual([url]);
    expect(await attributesOf(endpoint.sqs, url)).toMatchObject({
      QueueArn: 'arn:aws:sqs:eu-central-1:000000000000:probe',
      VisibilityTimeout: '60',
    });
  });

  it('made twice at once are one queue, however slow the disk', async () => {
    const gate = Promise.withResolvers<void>();
    const waits = [gate.promise];
    const collection = <T>(name: string, _schema: z.ZodType<T>): Collection<T> => {
      const entries = new Map<string, T>();
      return {
        get: async (key) => entries.get(key),
        put: async (key, value) => void entries.set(key, value),
        remove: async (key) => void entries.delete(key),
        async all() {
          const found = [...entries];
          if (name === 'sqs-messages-probe') await waits.shift();
          return found;
        },
      };
    };
    const storage = { collection, close: () => Promise.resolve() };
    const { service, close } = await openSqs({ storage, origin: () => endpoint.origin, region: 'eu-central-1' });
    const call = async (name: string, input: object) => await service.operations[name]?.(input);
    const QueueUrl = 'probe';
    const first = call('CreateQueue', { QueueName: 'probe' });
    const second = call('CreateQueue', { QueueName: 'probe' });
    const sent = second.then(async () => await call('SendMessage', { QueueUrl, MessageBody: 'a' }));
    await setImmediate();
    gate.resolve();
    await Promise.all([first, sent]);
    expect(await call('ReceiveMessage', { QueueUrl })).toMatchObject({ Messages: [{ Body: 'a' }] });
    close();
  });

  it('refuse to be made again with other attributes', async () => {
    await makeQueue(endpoint.sqs, 'probe', { VisibilityTimeout: '60' });
    const again = makeQueue(endpoint.sqs, 'probe', { VisibilityTimeout: '61' });
    await expect(again).rejects.toMatchObject({ name: 'QueueNameExists' });
  });

  it('that are not there have the name of their fault', async () => {
    await expect(send(`${endpoint.origin}/000000000000/none`, 'x')).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
    const looked = endpoint.sqs.send(new GetQueueUrlCommand({ QueueName: 'none' }));
    await expect(looked).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  it('are emptied by a purge', async () => {
    const url = await makeQueue(endpoint.sqs, 'probe');
    await send(url, 'a');
    await endpoint.sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
    expect(await receive(url)).toEqual([]);
  });
});

describe('a message', () => {
  it('comes with its text, its checksums and the story of its delivery', async () => {
    const url = await makeQueue(endpoint.sqs, 'probe');
    const MessageAttributes = { level: { DataType: 'String', StringValue: 'error' } };
    const command = new SendMessageCommand({ QueueUrl: url, MessageBody: 'Grüße 🏮', MessageAttributes });
    const { MessageId, MD5OfMessageAttributes } = await endpoint.sqs.send(command);
    const [message] = await receive(url, { MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] });
    expect(message).toMatchObject({ MessageId, Body: 'Grüße 🏮', MessageAttributes });
    expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: '1', SenderId: '000000000000' });
    // Computed apart from this code, after Amazon's description of the checksum.
    expect(MD5OfMessageAttributes).toBe('82c2793ec34750b184a4f2598d49bb73');
  });

  it('is hidden while it is delayed, at most fifteen minutes', async () => {
    const url = await makeQueue(endpoint.sqs, 'probe');
    await send(url, 'later', 900);
    expect(await receive(url)).toEqual([]);
    expect(await counts(url)).toEqual({ visible: '0', held: '0', delayed: '1' });
    pass(899);
    expect(await receive(url)).toEqual([]);
    pass(2);
    expect(bodies(await receive(url))).toEqual(['later']);
    await expect(send(url, 'x', 901)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  it('shows again when its receiver was silent for the visibility timeout, and counts', async () => {
    const url = await makeQueue(endpoint.sqs, 'probe', { VisibilityTimeout: '60' });
    await send(url, 'a');
    const [first] = await receive(url);
    expect(await counts(url)).toEqual({ visible: '0', held: '1', delayed: '0' });
    expect(await receive(url)).toEqual([]);
    pass(61);
    const [second] = await receive(url, { VisibilityTimeout: 5, MessageSystemAttributeNames: ['All'] });
    expect(second?.Attributes?.['ApproximateReceiveCount']).toBe('2');
    // The first receiver's receipt is void now.
    await endpoint.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first?.ReceiptHandle }));
    pass(6);
    expect(bodies(await receive(url))).toEqual(['a']);
  });

  it('is gone once it is deleted, and deleting it again is no fault', async () => {
    const url = await makeQueue(endpoint.sqs, 'probe');
    await send(url, 'a');
    const [{ ReceiptHandle } = {}] = await receive(url);
    await endpoint.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    await endpoint.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    expect(await counts(url)).toEqual({ visible: '0', held: '0', delayed: '0' });
    const nonsense = endpoint.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: 'nonsense' }));
    await expect(nonsense).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
  });

  it('can be given back at once or kept longer by its receiver', async () => {
    const url = await makeQueue(endpoint.sqs, 'probe');
    await send(url, 'a');
    const change = async (ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
      await endpoint.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout }));
    const [first] = await receive(url);
    await change(first?.ReceiptHandle, 0);
    const [second] = await receive(url);
    await change(second?.ReceiptHandle, 100);
    pass(31);
    expect(await receive(url)).toEqual([]);
    await expect(change(first?.ReceiptHandle, 1)).rejects.toMatchObject({ name: 'MessageNotInflight' });
  });

  it('that was received too often goes to the dead-letter queue', async () => {
    const dead = await makeQueue(endpoint.sqs, 'dead');
    const { QueueArn } = await attributesOf(endpoint.sqs, dead);
    const url = await makeQueue(endpoint.sqs, 'probe');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: QueueArn, maxReceiveCount: 2 });
    await endpoint.sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { RedrivePolicy } }));
    await send(url, 'poison');
    for (const _ of [1, 2]) {
      expect(bodies(await receive(url))).toEqual(['poison']);
      pass(31);
    }
    expect(await receive(url)).toEqual([]);
    const [message] = await receive(dead, { WaitTimeSeconds: 5, MessageSystemAttributeNames: ['All'] });
    expect(message?.Body).toBe('poison');
    expect(message?.Attributes?.['DeadLetterQueueSourceArn']).toMatch(/:probe$/);
    expect(await counts(url)).toEqual({ visible: '0', held: '0', delayed: '0' });
  });

  it('that nobody fetched is dropped when its retention is over', async () => {
    const url = await makeQueue(endpoint.sqs, 'probe', { MessageRetentionPeriod: '60' });
    await send(url, 'old');
    pass(61);
    expect(await receive(url)).toEqual([]);
    expect((await counts(url)).visible).toBe('0');
  });
});

describe('long polling', () => {
  it('answers as soon as a message is sent', async () => {
    const url = await makeQueue(endpoint.sqs, 'probe');
    const waiting = receive(url, { WaitTimeSeconds: 20 });
    const begun = Date.now();
    await send(url, 'now');
    expect(bodies(await waiting)).toEqual(['now']);
    expect(Date.now() - begun).toBeLessThan(5_000);
  });

  it('answers when a delay runs out, and with nothing when the wait does', async () => {
    const url = await makeQueue(endpoint.sqs, 'probe');
    await send(url, 'soon', 1);
    expect(bodies(await receive(url, { WaitTimeSeconds: 20 }))).toEqual(['soon']);
    expect(await receive(url, { WaitTimeSeconds: 1 })).toEqual([]);
  });

  it('gives each message to one of those who wait', async () => {
    const url = await makeQueue(endpoint.sqs, 'probe');
    const waiting = [1, 2].map(async () => await receive(url, { WaitTimeSeconds: 20, MaxNumberOfMessages: 1 }));
    await send(url, 'a');
    await send(url, 'b');
    expect((await Promise.all(waiting)).flatMap(bodies).sort()).toEqual(['a', 'b']);
  });
});

describe('a batch', () => {
  it('sends what is right and names what is wrong', async () => {
    const url = await makeQueue(endpoint.sqs, 'probe');
    const Entries = [
      { Id: 'a', MessageBody: 'a' },
      { Id: 'b', MessageBody: 'b', DelaySeconds: 901 },
    ];
    const answer = await endpoint.sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    expect(answer.Successful).toMatchObject([{ Id: 'a' }]);
    expect(answer.Failed).toMatchObject([{ Id: 'b', SenderFault: true, Code: 'InvalidParameterValue' }]);
    const messages = await receive(url);
    expect(bodies(messages)).toEqual(['a']);
    const removals = [
      { Id: '0', ReceiptHandle: messages[0]?.ReceiptHandle },
      { Id: '1', ReceiptHandle: 'nonsense' },
    ];
    const removed = await endpoint.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: removals }));
    expect(removed.Successful).toMatchObject([{ Id: '0' }]);
    expect(removed.Failed).toMatchObject([{ Id: '1', Code: 'ReceiptHandleIsInvalid' }]);
  });

  it.each([
    ['EmptyBatchRequest', []],
    ['TooManyEntriesInBatchRequest', Array.from({ length: 11 }, (_, n) => ({ Id: `n${n}`, MessageBody: 'x' }))],
    [
      'BatchEntryIdsNotDistinct',
      [
        { Id: 'a', MessageBody: 'x' },
        { Id: 'a', MessageBody: 'y' },
      ],
    ],
    ['InvalidBatchEntryId', [{ Id: 'a b', MessageBody: 'x' }]],
    ['BatchRequestTooLong', ['a', 'b'].map((Id) => ({ Id, MessageBody: 'x'.repeat(600_000) }))],
  ])('is refused whole as %s', async (name, Entries) => {
    const QueueUrl = await makeQueue(endpoint.sqs, 'probe');
    const sent = endpoint.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    await expect(sent).rejects.toMatchObject({ name });
  });
});

/** The endpoint as a process of its own, so that it can be killed. */
async function startProcess(folder: string) {
  const program = join(import.meta.dirname, 'queue-endpoint.ts');
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const { value: origin } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  return { ...clientsOf(String(origin)), kill: async () => (child.kill('SIGKILL'), await ended) };
}

describe('what was deleted', () => {
  it('stays deleted after a restart', async () => {
    const url = await makeQueue(endpoint.sqs, 'probe');
    await send(url, 'a');
    const [{ ReceiptHandle } = {}] = await receive(url);
    await endpoint.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    await send(url, 'b');
    await endpoint.sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
    await send(url, 'c');
    await endpoint.stop({ forget: false });
    pass(3_600);
    endpoint = await startEndpoint({ folder: endpoint.home, now });
    expect(bodies(await receive(`${endpoint.origin}/000000000000/probe`))).toEqual(['c']);
  });

  it('stays deleted when the disk was still busy with its last change', async () => {
    const onDisk = new Map<string, StoredMessage>();
    let gate = Promise.resolve();
    const disk: Collection<StoredMessage> = {
      get: async (key) => onDisk.get(key),
      put: async (key, value) => void (await gate, onDisk.set(key, value)),
      remove: async (key) => void onDisk.delete(key),
      all: async () => [...onDisk],
    };
    const rules = { retentionMs: 1e6, maxReceiveCount: undefined, moveDead: () => Promise.resolve() };
    const queue = await Queue.open(disk, rules, Date.now);
    const { id } = await queue.send('a', {}, 0);
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    const received = queue.receive(1, 30_000, 0);
    await queue.remove(id);
    resolve();
    await received;
    expect([...onDisk.keys()]).toEqual([]);
  });
});

describe('killed without warning', () => {
  it('loses no message that was answered, and keeps delays and hidden messages', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lamplighter-queues-'));
    const { sqs, kill } = await startProcess(folder);
    const url = await makeQueue(sqs, 'many');
    const special = await makeQueue(sqs, 'special', { VisibilityTimeout: '60' });
    await sqs.send(new SendMessageCommand({ QueueUrl: special, MessageBody: 'held' }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: special }));
    await sqs.send(new SendMessageCommand({ QueueUrl: special, MessageBody: 'delayed', DelaySeconds: 600 }));

    const answered: string[] = [];
    const sending = Array.from({ length: 8 }, async (_, lane) => {
      for (let n = 0; ; n += 1) {
        const MessageBody = `${lane}-${n}`;
        await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody }));
        answered.push(MessageBody);
        if (answered.length === 100) void kill();
      }
    });
    await Promise.allSettled(sending);
    await kill();
    sqs.destroy();

    await endpoint.stop();
    endpoint = await startEndpoint({ folder, now });
    const found = new Set<string | undefined>();
    const again = `${endpoint.origin}/000000000000/many`;
    for (let batch = await receive(again); batch.length > 0; batch = await receive(again))
      for (const { Body } of batch) found.add(Body);
    expect(answered.length).toBeGreaterThanOrEqual(100);
    expect(answered.filter((body) => !found.has(body))).toEqual([]);

    const other = `${endpoint.origin}/000000000000/special`;
    expect(await counts(other)).toEqual({ visible: '0', held: '1', delayed: '1' });
    pass(61);
    expect(bodies(await receive(other))).toEqual(['held']);
    pass(600);
    expect(bodies(await receive(other)).sort()).toEqual(['delayed', 'held']);
  });
});
