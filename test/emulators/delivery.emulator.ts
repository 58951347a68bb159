// Alerts of a deployed stack on their way to receivers: from a look of the probe function through windows, topic and
// queue to `deliver`, which reads its secret and posts over TLS. A stack of its own, beside that of the other story.
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type AlertDocument, alertDocumentSchema } from '../../lambdas/core/alerts/document.ts';
import { slack, teams } from '../fixtures/receiver-schemas.ts';
import { errorsSince } from './deployed-api.ts';
import { bootstrap, deploy, stackIn, synthesize } from './deployment.ts';
import { leftOf } from './left-over.ts';
import { deleteStack, isGone } from './ministack-api.ts';
import { atWork, giveUpAfter, queueOf, takeLetter, triesOf } from './receiver-queues.ts';
import { openReceivers, type Receivers, signingKeys, webhooks } from './receivers.ts';
import { comeToRest } from './rest.ts';
import { REGION, timed, until } from './where.ts';
import { World } from './world.ts';

const GROUP_SECONDS = 30;
const settings = {
  regions: [REGION],
  alerts: { groupSeconds: GROUP_SECONDS, webhooks },
  // What fails together here is no storm.
  restart: { storm: { share: 1, least: 50, cooldownSeconds: 60 } },
};
const world = new World();
const { sqs } = world.clients;
let receivers: Receivers;
let assembly = '';

beforeAll(async () => {
  await world.open();
  receivers = await openReceivers();
});
afterAll(async () => {
  for (const { close } of Object.values(receivers)) close();
  await world.close();
});

const queue = (logicalId: string) => queueOf(world.stack?.resources ?? [], `Lamplighter${logicalId}`);
const documentIn = ({ body }: { body: string }): AlertDocument => alertDocumentSchema.parse(JSON.parse(body));
const taken = () => receivers.tickets.received.slice(1).map(documentIn);
async function look(...ids: string[]): Promise<void> {
  for (const id of ids) expect((await world.ask('POST', `/services/${id}/check`)).status).toBe(202);
}
async function register(id: string, project: string, tags = {}): Promise<void> {
  world.broken.add(id);
  const probe = { kind: 'http', url: world.urlOf(id), intervalSeconds: 10, timeoutSeconds: 2, retries: 0 };
  const policy = { failureThreshold: 1, successThreshold: 1 };
  expect((await world.ask('PUT', `/services/${id}`, { id, project, tags, probe, policy })).status).toBe(201);
}

describe('receivers', () => {
  it('are deployed, each with a queue that is tried ten times', { timeout: 420_000 }, async () => {
    await bootstrap();
    assembly = await synthesize('receivers', settings);
    world.stack = await deploy(assembly);
    for (const name of ['Chat', 'Cards', 'Tickets', 'Gone', 'Away'])
      expect(await triesOf(sqs, queue(`Receivers${name}Queue`))).toBe(10);
    // Ten tries of who may come back take more than an hour.
    await giveUpAfter(3, sqs, queue('ReceiversAwayQueue'));
  });

  it('get the first alert of a project at once, and what follows as one message', { timeout: 180_000 }, async () => {
    await register('left-1', 'left');
    await register('far-1', 'far');
    const shop = ['shop-1', 'shop-2', 'shop-3'];
    for (const id of shop) await register(id, 'shop', { team: 'payments' });
    await look('left-1', 'far-1', ...shop);
    const { cards, tickets } = receivers;
    await timed('the window of a project has been told', () =>
      until('a group', 150_000, () => Promise.resolve(cards.received.length === 2 && tickets.received.length === 3)),
    );
    const [first, together] = taken();
    expect(first).toMatchObject({ kind: 'unhealthy', level: 'error', service: { project: 'shop' } });
    const others = shop.filter((id) => id !== first?.service?.id);
    expect(together).toMatchObject({ kind: 'group', group: { count: 2, projects: ['shop'] } });
    expect([...(together?.group?.ids ?? [])].sort()).toEqual(others);
    expect(cards.at[1]! - cards.at[0]!).toBeGreaterThan((GROUP_SECONDS / 2) * 1_000);
  });

  it('get it in their format, over TLS, and signed', () => {
    const { chat, cards, tickets } = receivers;
    for (const { body } of chat.received) expect(() => slack.parse(JSON.parse(body))).not.toThrow();
    for (const { body } of cards.received) expect(() => teams.parse(JSON.parse(body))).not.toThrow();
    for (const { body, headers } of tickets.received)
      for (const key of signingKeys)
        expect(new Webhook(key).verify(body, headers as Record<string, string>)).toEqual(JSON.parse(body));
    const [refused, first] = tickets.received;
    expect(first?.body).toBe(refused?.body);
    expect(first?.headers['webhook-id']).toBe(refused?.headers['webhook-id']);
    expect(tickets.at[1]! - tickets.at[0]!).toBeGreaterThanOrEqual(10_000);
  });

  it('hear of no level, project or tag that they did not ask for', { timeout: 240_000 }, async () => {
    const { chat, cards, tickets } = receivers;
    world.broken.delete('shop-1');
    const recovered = () => Promise.resolve(taken().find(({ kind }) => kind === 'recovered'));
    expect(await timed('a recovery was told', () => until('it', 150_000, recovered))).toMatchObject({ level: 'info' });
    await until('the same in a chat', 30_000, () => Promise.resolve(cards.received.length === 3));
    await until('its queue is empty', 30_000, async () => (await atWork(sqs, [queue('ReceiversChatQueue')])) === 0);
    const [first, together] = taken();
    const told = ['far-1 is unhealthy', 'left-1 is unhealthy', first?.headline, together?.headline];
    const subjects = chat.received.map(({ body }) => slack.parse(JSON.parse(body)).text);
    expect(subjects.sort()).toEqual(told.map((headline) => `[ERROR] ${headline}`).sort());
    for (const { body } of [...cards.received, ...tickets.received]) expect(body).not.toMatch(/left-1|far-1/);
    expect(receivers.gone.received.filter(({ body }) => !body.includes('left-1'))).toEqual([]);
    expect(receivers.away.received.filter(({ body }) => !body.includes('far-1'))).toEqual([]);
  });
});

describe('a receiver that does not take it', () => {
  it('for good has its letter after ten tries, seconds apart', { timeout: 180_000 }, async () => {
    const { gone } = receivers;
    const letter = await timed('the letter of who is gone', () =>
      until('a letter', 150_000, () => takeLetter(sqs, queue('ReceiversGoneDeadLetters'))),
    );
    expect(letter).toMatchObject({ kind: 'unhealthy', service: { id: 'left-1' } });
    expect(gone.received).toHaveLength(10);
    for (const [n, at] of gone.at.slice(1).entries()) expect(at - gone.at[n]!).toBeGreaterThanOrEqual(5_000);
  });

  it('for now is tried again after waits that grow, and has its letter at last', { timeout: 240_000 }, async () => {
    const { away } = receivers;
    const letter = await timed('the letter of who is away', () =>
      until('a letter', 210_000, () => takeLetter(sqs, queue('ReceiversAwayDeadLetters'))),
    );
    expect(letter).toMatchObject({ kind: 'unhealthy', service: { id: 'far-1' } });
    const [first = 0, second = 0, third = 0, ...more] = away.at;
    expect(more).toEqual([]);
    expect(second - first).toBeGreaterThanOrEqual(10_000);
    expect(third - second).toBeGreaterThanOrEqual(30_000);
    const ids = new Set(away.received.map(({ headers }) => headers['webhook-id']));
    expect([...ids]).toEqual([letter.deduplicationKey]);
  });

  it('is named in the log, and its address is not', async () => {
    const errors = await errorsSince(world.begun);
    const why = errors.map((line) => /"error":"([^"]*)"/.exec(line)?.[1] ?? line);
    const count = (text: RegExp) => why.filter((one) => text.test(one)).length;
    expect(count(/^DeliveryError: gone did not take .*:unhealthy: it answered 410$/)).toBe(10);
    expect(count(/^DeliveryError: away did not take .*:unhealthy: it answered 500$/)).toBe(3);
    expect(count(/^DeliveryError: tickets did not take .*:unhealthy: it answered 503$/)).toBe(1);
    expect(why).toHaveLength(14);
    for (const { url } of Object.values(receivers)) expect(errors.join()).not.toContain(new URL(url).host);
    expect(errors.join()).not.toContain('s3cret');
  });

  it('leaves nothing behind when its stack is deleted', { timeout: 330_000 }, async () => {
    const stack = stackIn(assembly);
    await until('nothing at work', 120_000, async () => (await atWork(sqs, world.queues())) === 0);
    // What would look after a window once more, minutes later.
    await sqs.send(new PurgeQueueCommand({ QueueUrl: queue('AlertQueue') }));
    await comeToRest(world);
    await deleteStack(stack);
    await until('the end', 60_000, async () => await isGone(stack));
    expect(await leftOf(stack, world.clients)).toEqual([]);
  });
});
