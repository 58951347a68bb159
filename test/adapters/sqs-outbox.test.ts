import { ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createSqsOutbox, OutboxError } from '../../lambdas/adapters/sqs-outbox.ts';
import type { AlertBody, Intent } from '../../lambdas/core/model/intents.ts';
import type { Handover } from '../../lambdas/ports/queues.ts';
import { attributesOf, clientsOf, type Endpoint, makeQueue, startEndpoint } from '../local/queue-endpoint.ts';

let endpoint: Endpoint;
let urls: { probeQueueUrl: string; restartQueueUrl: string; alertQueueUrl: string };
const { signal } = new AbortController();
const NOW = 1_800_000_000_000;
const clock = { now: () => NOW };

beforeEach(async () => {
  endpoint = await startEndpoint();
  const made = async (name: string) => await makeQueue(endpoint.sqs, name);
  urls = {
    probeQueueUrl: await made('probe'),
    restartQueueUrl: await made('restart'),
    alertQueueUrl: await made('alert'),
  };
});
afterEach(async () => await endpoint.stop());

const outbox = (more: Partial<typeof urls> = {}, client = endpoint.sqs) =>
  createSqsOutbox({ client, clock, ...urls, ...more });
async function bodiesOn(QueueUrl: string, client: SQSClient = endpoint.sqs): Promise<unknown[]> {
  const found: unknown[] = [];
  for (;;) {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return found;
    found.push(...Messages.map(({ Body = '' }) => JSON.parse(Body)));
  }
}

const common = { at: NOW, handedAt: NOW };
const alert = {} as AlertBody; // The outbox hands on ids and looks at no content.
const restart: Intent = { ...common, id: 'i1', kind: 'restart', restartId: 'r1' };
const probe = (dueAt: number): Intent => ({ ...common, id: 'i2', kind: 'probe', dueAt });
const told = (id: string): Intent => ({ ...common, id, kind: 'alert', alert });
const written = (id: string): Intent => ({ ...common, id, kind: 'record', record: {} as never });
const of = (id: string, ...intents: Intent[]): Handover => ({ key: { tenant: 'default', id }, intents });
const named = { correlationId: 'c1', tenant: 'default', id: 'billing' };

describe('the outbox', () => {
  it('sends each intent to the queue of those who carry it out', async () => {
    await outbox().hand([of('billing', restart, told('i3'), written('i4'), probe(NOW))], 'c1', signal);
    expect(await bodiesOn(urls.restartQueueUrl)).toEqual([{ ...named, restartId: 'r1' }]);
    expect(await bodiesOn(urls.probeQueueUrl)).toEqual([{ kind: 'check', ...named, beat: NOW, intentId: 'i2' }]);
    expect(await bodiesOn(urls.alertQueueUrl)).toEqual([{ ...named, intentIds: ['i3', 'i4'] }]);
  });

  it('sends nothing where nothing is to be done', async () => {
    await outbox().hand([of('billing', restart), of('ledger')], 'c1', signal);
    expect(await bodiesOn(urls.alertQueueUrl)).toEqual([]);
    expect(await bodiesOn(urls.probeQueueUrl)).toEqual([]);
  });

  it.each([
    ['at once when it is due already', NOW - 5_000, '1', '0'],
    ['after the delay when it is due later', NOW + 30_001, '0', '1'],
    ['after fifteen minutes at most', NOW + 3_600_000, '0', '1'],
  ])('lets a probe show %s', async (_, dueAt, visible, delayed) => {
    await outbox().hand([of('billing', probe(dueAt))], 'c1', signal);
    const found = await attributesOf(endpoint.sqs, urls.probeQueueUrl);
    expect(found['ApproximateNumberOfMessages']).toBe(visible);
    expect(found['ApproximateNumberOfMessagesDelayed']).toBe(delayed);
  });

  it('sends any number, in as many calls as it takes', async () => {
    const many = Array.from({ length: 25 }, (_, n) => of(`s${n}`, restart));
    await outbox().hand(many, 'c1', signal);
    expect(await bodiesOn(urls.restartQueueUrl)).toHaveLength(25);
  });

  it('sends what is large in calls that SQS takes', async () => {
    // Ten of these in one call would exceed a megabyte.
    const large = Array.from({ length: 10 }, (_, n) => of(`s${n}`, told('x'.repeat(200_000))));
    await outbox().hand(large, 'c1', signal);
    expect(await bodiesOn(urls.alertQueueUrl)).toHaveLength(10);
  });

  it('names the services whose intents were refused, after sending all the rest', async () => {
    const fine = [of('a', told('i3')), of('b', restart)];
    const broken = of('huge', told('x'.repeat(1_100_000)), restart);
    const error = await outbox()
      .hand([...fine, broken], 'c1', signal)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OutboxError);
    expect(error).toMatchObject({ keys: [{ tenant: 'default', id: 'huge' }], isTransient: false });
    expect(await bodiesOn(urls.alertQueueUrl)).toMatchObject([{ id: 'a' }]);
    expect(await bodiesOn(urls.restartQueueUrl)).toHaveLength(2);
  });

  it('loses nothing quietly when a queue is not there', async () => {
    const nowhere = `${endpoint.origin}/000000000000/none`;
    const handed = outbox({ restartQueueUrl: nowhere }).hand([of('billing', restart, told('i3'))], 'c1', signal);
    await expect(handed).rejects.toMatchObject({
      name: 'OutboxError',
      message: expect.stringContaining('default/billing were not taken: QueueDoesNotExist'),
      cause: expect.objectContaining({ name: 'QueueDoesNotExist' }),
      isTransient: false,
    });
    expect(await bodiesOn(urls.alertQueueUrl)).toHaveLength(1);
  });

  it('says that trying again may help when SQS does not answer', async () => {
    await endpoint.stop({ forget: true });
    const { sqs } = clientsOf(endpoint.origin);
    const handed = outbox({}, sqs).hand([of('billing', restart)], 'c1', signal);
    await expect(handed).rejects.toMatchObject({ name: 'OutboxError', isTransient: true });
    sqs.destroy();
    endpoint = await startEndpoint();
  });
});
