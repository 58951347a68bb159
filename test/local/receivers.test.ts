// Receivers of one-machine mode: from the topic through queue and function to a server on loopback.
import { join } from 'node:path';

import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { AlertDocument } from '../../lambdas/core/alerts/document.ts';
import { formatFor } from '../../lambdas/core/alerts/formats/format.ts';
import { buildNotice } from '../../lambdas/core/alerts/notice.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { readSettings } from '../../local/settings.ts';
import { startReceiver } from '../deliver/receiver.ts';
import { billing, makeAlert } from '../make/alerts.ts';
import { eventually, makeStage } from './one-machine.ts';

const stage = makeStage();
const faults: unknown[] = [];
const printed: string[] = [];
const KEY = 'whsec_bmV3LXNlY3JldC1vZi10aGUtd2ViaG9vaw==';
let cloud: Cloud;
let close: () => void;
const received: Record<'chat' | 'tickets', Awaited<ReturnType<typeof startReceiver>>['received']> = {
  chat: [],
  tickets: [],
};

beforeAll(async () => {
  const chat = await startReceiver();
  const tickets = await startReceiver(() => ({ status: 202 }));
  Object.assign(received, { chat: chat.received, tickets: tickets.received });
  close = () => [chat, tickets].forEach((one) => one.close());
  const settings = readSettings(
    { LAMPLIGHTER_PORT: '0', LAMPLIGHTER_DATA_DIR: join(stage.path, 'data') },
    {
      alerts: {
        webhooks: [
          { name: 'chat', format: 'slack', secret: '/lamplighter/alerts/chat', levels: ['error'] },
          { name: 'tickets', format: 'webhook', secret: 'lamplighter/alerts/tickets', tags: ['team=payments'] },
        ],
      },
      ssm: {
        parameters: {
          '/lamplighter/alerts/chat': chat.url,
          'lamplighter/alerts/tickets': JSON.stringify({ url: tickets.url, keys: [KEY] }),
        },
      },
      sns: { subscribers: [{ protocol: 'sms', endpoint: '+4915112345678', levels: ['error'] }] },
    },
  );
  const print = (text: string) => void printed.push(text);
  cloud = await startCloud({ settings, print, onError: (error) => void faults.push(error) });
}, 40_000);
afterAll(async () => {
  await cloud.stop();
  close();
  stage.clear();
});

async function publish(level: 'error' | 'warning', more: object = {}) {
  const { subject, email, sms, json, attributes } = buildNotice(billing, makeAlert({ level }));
  await new SNSClient({}).send(
    new PublishCommand({
      TopicArn: cloud.topicArn,
      Subject: subject,
      MessageStructure: 'json',
      Message: JSON.stringify({ default: json, email, sms }),
      MessageAttributes: {
        level: { DataType: 'String', StringValue: level },
        tags: { DataType: 'String.Array', StringValue: JSON.stringify(attributes['tags']) },
        ...more,
      },
    }),
  );
  return JSON.parse(json) as AlertDocument;
}

it('posts to each receiver what it wants, in its format', async () => {
  const warning = await publish('warning');
  const error = await publish('error');
  await eventually(
    'both',
    () => received.tickets.length === 2 && received.chat.length === 1,
    20_000,
    () => faults,
  );
  expect(received.chat.map(({ body }) => body)).toEqual([formatFor('slack', error).body]);
  const levels = received.tickets.map(({ body }) => (JSON.parse(body) as AlertDocument).level).sort();
  expect(levels).toEqual([error.level, warning.level].sort());
  for (const { headers } of received.tickets)
    expect(headers).toMatchObject({
      'webhook-id': error.deduplicationKey,
      'webhook-signature': expect.stringMatching(/^v1,/),
    });
  expect(faults).toEqual([]);
});

it('prints text messages only within the limit of the month', async () => {
  await publish('error', { no_sms: { DataType: 'String', StringValue: 'yes' } });
  await eventually(
    'the chat',
    () => received.chat.length === 2,
    20_000,
    () => faults,
  );
  expect(printed.filter((text) => text.includes('+4915112345678'))).toHaveLength(1);
});
