import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createSqsProbeQueue } from '../../lambdas/adapters/sqs-probe-queue.ts';
import { createSqsRestartQueue } from '../../lambdas/adapters/sqs-restart-queue.ts';
import { createSqsStormQueue } from '../../lambdas/adapters/sqs-storm-queue.ts';
import { createSqsWindowQueue } from '../../lambdas/adapters/sqs-window-queue.ts';
import type { CheckMessage, PackMessage } from '../../lambdas/contract/messages.ts';
import { awsServer } from '../../local/aws/wire.ts';
import { attributesOf, clientsOf, type Endpoint, makeQueue, startEndpoint } from '../local/queue-endpoint.ts';

let endpoint: Endpoint;
let queueUrl: string;
const { signal } = new AbortController();

beforeEach(async () => {
  endpoint = await startEndpoint();
  queueUrl = await makeQueue(endpoint.sqs, 'work');
});
afterEach(async () => await endpoint.stop());

async function bodies(): Promise<unknown[]> {
  const command = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
  const { Messages = [] } = await endpoint.sqs.send(command);
  return Messages.map(({ Body = '' }) => JSON.parse(Body));
}
const delayed = async () => (await attributesOf(endpoint.sqs, queueUrl))['ApproximateNumberOfMessagesDelayed'];
const pack = (shard: number): PackMessage => ({
  kind: 'pack',
  correlationId: 'c1',
  beat: 60_000,
  stepSeconds: 60,
  shards: [{ shard, services: 3, privateServices: 1, unhealthy: 0, fastestSeconds: 60, version: 1 }],
});
const check: CheckMessage = { kind: 'check', correlationId: 'c1', tenant: 'default', id: 'billing', beat: 1 };

describe('the probe queue', () => {
  it('takes the packs of a round, each with its delay', async () => {
    const queue = createSqsProbeQueue({ client: endpoint.sqs, probeQueueUrl: queueUrl });
    const packs = Array.from({ length: 12 }, (_, n) => ({ message: pack(n), delaySeconds: n < 8 ? 0 : 30 }));
    await queue.sendPacks(packs, signal);
    expect(await delayed()).toBe('4');
    const found = await bodies();
    expect(found).toHaveLength(8);
    expect(found).toContainEqual(pack(7));
  });

  it('takes a check of one service at once', async () => {
    await createSqsProbeQueue({ client: endpoint.sqs, probeQueueUrl: queueUrl }).sendCheck(check, signal);
    expect(await bodies()).toEqual([check]);
  });

  it('names the check or the packs that a missing queue did not take', async () => {
    const missing = `${endpoint.origin}/000000000000/none`;
    const queue = createSqsProbeQueue({ client: endpoint.sqs, probeQueueUrl: missing });
    await expect(queue.sendCheck(check, signal)).rejects.toMatchObject({
      name: 'QueueError',
      message: 'the queue did not take the check of default/billing (QueueDoesNotExist)',
      isTransient: false,
    });
    await expect(queue.sendPacks([{ message: pack(3), delaySeconds: 0 }], signal)).rejects.toThrow(
      'the pack of shards 3 at beat 60000',
    );
  });

  it('can be left by an abort', async () => {
    const queue = createSqsProbeQueue({ client: endpoint.sqs, probeQueueUrl: queueUrl });
    const aborted = queue.sendCheck(check, AbortSignal.abort());
    await expect(aborted).rejects.toMatchObject({ name: 'QueueError', isTransient: true });
    expect(await bodies()).toEqual([]);
  });
});

describe('entries that SQS refuses one by one', () => {
  /** Refuses the first entry in the given way, forgets the second and takes the others. */
  async function halfDeaf(SenderFault: boolean) {
    const SendMessageBatch = () => ({
      Successful: [],
      Failed: [{ Id: '0', SenderFault, Code: 'InternalError', Message: '' }],
    });
    const query = () => Promise.reject(new Error('not here'));
    const service = { target: 'AmazonSQS', operations: { SendMessageBatch } };
    const server = awsServer({ json: [service], query, dynamodb: (_, response) => response.end() });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { sqs } = clientsOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const end = () => (sqs.destroy(), server.closeAllConnections(), server.close());
    return { queue: createSqsProbeQueue({ client: sqs, probeQueueUrl: queueUrl }), end };
  }

  it.each([
    [true, false],
    [false, true],
  ])('are faults of the sender (%s) or may pass (%s)', async (senderFault, isTransient) => {
    const { queue, end } = await halfDeaf(senderFault);
    const sent = queue.sendPacks([{ message: pack(1), delaySeconds: 0 }], signal);
    await expect(sent).rejects.toMatchObject({ isTransient, message: expect.stringContaining('(InternalError)') });
    end();
  });

  it('count as not taken when SQS says nothing about them', async () => {
    const { queue, end } = await halfDeaf(false);
    const two = [1, 2].map((shard) => ({ message: pack(shard), delaySeconds: 0 }));
    await expect(queue.sendPacks(two, signal)).rejects.toThrow('the pack of shards 2 at beat 60000 (not answered for)');
    end();
  });
});

it('an endpoint that hangs up is a passing trouble', async () => {
  const server = createServer((request) => request.socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { sqs } = clientsOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const sent = createSqsProbeQueue({ client: sqs, probeQueueUrl: queueUrl }).sendCheck(check, signal);
  await expect(sent).rejects.toMatchObject({ isTransient: true });
  sqs.destroy();
  server.close();
});

describe('the restart queue', () => {
  const key = { tenant: 'default', id: 'billing' };
  const message = { key, restartId: 'r1', correlationId: 'c1' };

  it('brings a restart back after its delay', async () => {
    const queue = createSqsRestartQueue({ client: endpoint.sqs, restartQueueUrl: queueUrl });
    await queue.again(message, 0, signal);
    expect(await bodies()).toEqual([{ correlationId: 'c1', tenant: 'default', id: 'billing', restartId: 'r1' }]);
    await queue.again(message, 20, signal);
    await queue.again(message, 4_000, signal);
    expect(await delayed()).toBe('2');
  });

  it('names the restart that was not taken', async () => {
    const restartQueueUrl = `${endpoint.origin}/000000000000/none`;
    const sent = createSqsRestartQueue({ client: endpoint.sqs, restartQueueUrl }).again(message, 0, signal);
    await expect(sent).rejects.toThrow('the queue did not take restart r1 of default/billing (QueueDoesNotExist)');
  });
});

describe('the alert queue', () => {
  const storm = { kind: 'storm', correlationId: 'c1', stormId: 's1' } as const;

  it('takes the wish to have a storm told of', async () => {
    await createSqsStormQueue({ client: endpoint.sqs, alertQueueUrl: queueUrl }).tell(storm, 0, signal);
    expect(await bodies()).toEqual([storm]);
  });

  it('is the timer of windows', async () => {
    const message = { kind: 'window', correlationId: 'c1', tenant: 'default', project: null, windowId: 'w1' } as const;
    const queue = createSqsWindowQueue({ client: endpoint.sqs, alertQueueUrl: queueUrl });
    await queue.look(message, 0, signal);
    expect(await bodies()).toEqual([message]);
    await queue.look(message, 20, signal);
    await queue.look(message, 4_000, signal);
    expect(await delayed()).toBe('2');
    const missing = createSqsWindowQueue({
      client: endpoint.sqs,
      alertQueueUrl: `${endpoint.origin}/000000000000/none`,
    });
    await expect(missing.look(message, 1, signal)).rejects.toThrow('the queue did not take w1 (QueueDoesNotExist)');
  });

  it('names the storm that a missing queue did not take', async () => {
    const alertQueueUrl = `${endpoint.origin}/000000000000/none`;
    await expect(
      createSqsStormQueue({ client: endpoint.sqs, alertQueueUrl }).tell(storm, 0, signal),
    ).rejects.toMatchObject({
      name: 'QueueError',
      message: 'the queue did not take s1 (QueueDoesNotExist)',
    });
  });
});
