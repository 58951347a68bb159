// The receivers of a deployment, as its settings name them, and who stands behind each: a server with TLS on loopback.
import { readFileSync } from 'node:fs';

import { type Received, startReceiver } from '../deliver/receiver.ts';
import { putSecret } from './moto-secrets.ts';

export const webhooks = [
  { name: 'chat', format: 'slack', secret: '/lamplighter/alerts/chat', levels: ['error', 'critical'] },
  { name: 'cards', format: 'teams', secret: 'lamplighter/alerts/cards', projects: ['shop'] },
  { name: 'tickets', format: 'webhook', secret: 'lamplighter/alerts/tickets', tags: ['team=payments'] },
  { name: 'gone', format: 'slack', secret: '/lamplighter/alerts/gone', projects: ['left'] },
  { name: 'away', format: 'webhook', secret: 'lamplighter/alerts/away', projects: ['far'] },
] as const;
type Name = (typeof webhooks)[number]['name'];

/** What webhooks are signed with, the newer one first. */
export const signingKeys = ['the newer', 'the older'].map((which) => {
  const key = Buffer.from(`${which} of two keys that sign the webhook`);
  return `whsec_${key.toString('base64')}`;
});

/** What each answers, request by request, from 0. */
const answers: Record<Name, (index: number) => number> = {
  chat: () => 200,
  cards: () => 202,
  // Busy at first.
  tickets: (index) => (index === 0 ? 503 : 204),
  gone: () => 410,
  away: () => 500,
};

/** `at`: when each request came, in epoch ms. */
type PostedTo = Readonly<{ url: string; received: readonly Received[]; at: readonly number[]; close(): void }>;
export type Receivers = Readonly<Record<Name, PostedTo>>;

/** Starts them all, and says in their secrets where they are. */
export async function openReceivers(): Promise<Receivers> {
  const opened = webhooks.map(async ({ name, format, secret }) => {
    const receiver = await postedTo(answers[name]);
    const { url } = receiver;
    await putSecret(secret, format === 'webhook' ? JSON.stringify({ url, keys: signingKeys }) : url);
    return [name, receiver] as const;
  });
  return Object.fromEntries(await Promise.all(opened)) as Receivers;
}

const tls = (file: string) => readFileSync(new URL(`../fixtures/tls/${file}`, import.meta.url), 'utf8');

async function postedTo(statusOf: (index: number) => number): Promise<PostedTo> {
  const at: number[] = [];
  const receiver = await startReceiver(
    (_request, index) => {
      at.push(Date.now());
      return { status: statusOf(index) };
    },
    { key: tls('good.key'), cert: tls('good.crt') },
  );
  return { ...receiver, at };
}
