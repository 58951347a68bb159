// The flow with the real poster and real receivers; queue and secrets are fakes.
import { createHmac } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { hmacSha256 } from '../../lambdas/adapters/hmac-sha256.ts';
import { createHttpsPoster } from '../../lambdas/adapters/https-poster.ts';
import { type AlertFormat, alertFormats } from '../../lambdas/contract/alert-formats.ts';
import type { AlertDocument } from '../../lambdas/core/alerts/document.ts';
import { formatFor } from '../../lambdas/core/alerts/formats/format.ts';
import { buildNotice } from '../../lambdas/core/alerts/notice.ts';
import { deliverAlert, type DeliverPorts } from '../../lambdas/deliver/deliver-alert.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { billing, makeAlert } from '../make/alerts.ts';
import { openReceiver } from './receiver.ts';

const { json } = buildNotice(billing, makeAlert());
const document = JSON.parse(json) as AlertDocument;
const { signal } = new AbortController();
const KEYS = ['whsec_bmV3LXNlY3JldC1vZi10aGUtd2ViaG9vaw==', 'whsec_b2xkLXNlY3JldC1vZi10aGUtd2ViaG9vaw=='];
const yes: Record<AlertFormat, string> = {
  slack: 'ok',
  teams: '',
  webhook: '',
  dingtalk: '{"errcode":0}',
  wecom: '{"errcode":0}',
};

function portsFor(format: AlertFormat, secret: string | Error, over: Partial<DeliverPorts> = {}) {
  const put: [string, number][] = [];
  const asked: string[] = [];
  const log = fakeLog();
  const ports: DeliverPorts = {
    receiver: { name: 'chat', format, secret: 'lamplighter/alerts/chat', isLocal: true },
    secrets: {
      read: async (kind, name) => {
        asked.push(`${kind} ${name}`);
        if (secret instanceof Error) throw secret;
        return secret;
      },
    },
    poster: createHttpsPoster({ patienceMs: 200 }),
    queue: { again: async (handle, seconds) => void put.push([handle, seconds]) },
    hmac: hmacSha256,
    clock: fakeClock(),
    log,
    ...over,
  };
  const deliver = async (tries = 1, message = json) =>
    await deliverAlert(message, { receiptHandle: 'r1', tries }, ports, signal);
  return { deliver, put, asked, log, ports };
}

describe('an alert', () => {
  it.each(alertFormats)('reaches a receiver of %s in its format, once', async (format) => {
    const { url, received } = await openReceiver(() => ({ body: yes[format] }));
    const { deliver, put, log } = portsFor(format, JSON.stringify({ url, keys: KEYS }));
    await deliver();
    expect(received).toHaveLength(1);
    expect(received[0]?.body).toBe(formatFor(format, document).body);
    expect(received[0]?.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(put).toEqual([]);
    expect(JSON.stringify(log.lines)).not.toMatch(/s3cret|127\.0\.0\.1/);
  });

  it('bears a signature of each key in a webhook, over what was sent, under the deduplication key', async () => {
    const { url, received } = await openReceiver(() => ({ status: 204 }));
    const { deliver, ports } = portsFor('webhook', JSON.stringify({ url, keys: KEYS }));
    await deliver();
    const { headers, body } = received[0]!;
    expect(headers['webhook-id']).toBe(document.deduplicationKey);
    expect(headers['webhook-timestamp']).toBe(String(ports.clock.now() / 1000));
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const expected = KEYS.map((key) => {
      const secret = Buffer.from(key.slice('whsec_'.length), 'base64');
      return `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`;
    });
    expect(headers['webhook-signature']).toBe(expected.join(' '));
  });

  it('bears time and signature in the address of DingTalk, where there is a key', async () => {
    const { url, received } = await openReceiver(() => ({ body: yes.dingtalk }));
    const { deliver, ports } = portsFor('dingtalk', JSON.stringify({ url, keys: ['SECabc'] }));
    await deliver();
    await portsFor('dingtalk', url).deliver();
    const [signed, plain] = received.map((one) => new URL(one.url, 'http://x').searchParams);
    const now = String(ports.clock.now());
    expect(signed?.get('timestamp')).toBe(now);
    expect(signed?.get('sign')).toBe(createHmac('sha256', 'SECabc').update(`${now}\nSECabc`).digest('base64'));
    expect(plain?.has('sign')).toBe(false);
  });

  it('is delivered to what a parameter says, where the name begins with a slash', async () => {
    const { url } = await openReceiver();
    const { deliver, asked, ports } = portsFor('slack', url);
    await deliver();
    await deliverAlert(
      json,
      { receiptHandle: 'r1', tries: 1 },
      { ...ports, receiver: { ...ports.receiver, secret: '/lamplighter/alerts/chat' } },
      signal,
    );
    expect(asked).toEqual(['secret /lamplighter/alerts/chat', 'ssm /lamplighter/alerts/chat']);
  });
});

describe('an alert that was not taken', () => {
  const rejection = async (promise: Promise<unknown>) =>
    await promise.then(
      () => expect.fail('it was taken'),
      (error: Error) => error.message,
    );

  it.each([
    ['not now', { status: 503 }, 3, 90, 'it answered 503'],
    ['too many', { status: 429, headers: { 'retry-after': '120' } }, 1, 120, 'it answered 429'],
    ['never', { status: 410 }, 4, 5, 'it answered 410'],
    ['a page that says sign in', { body: '<html>s3cret</html>' }, 1, 10, 'it answered 200 without ok'],
  ])('comes again when the receiver says %s', async (_what, reply, tries, seconds, why) => {
    const { url } = await openReceiver(() => reply);
    const { deliver, put } = portsFor('slack', url);
    expect(await rejection(deliver(tries))).toBe(`chat did not take ${document.deduplicationKey}: ${why}`);
    expect(put).toEqual([['r1', seconds]]);
  });

  it('comes again when the receiver is silent, or not there', async () => {
    const { url } = await openReceiver(() => 'hang');
    const silent = portsFor('slack', url);
    expect(await rejection(silent.deliver())).toContain('no answer within 0.2 s');
    const gone = portsFor('slack', 'http://127.0.0.1:1/s3cret');
    expect(await rejection(gone.deliver(2))).toBe(
      `chat did not take ${document.deduplicationKey}: the request failed: ECONNREFUSED`,
    );
    expect([silent.put, gone.put]).toEqual([[['r1', 10]], [['r1', 30]]]);
  });

  it('waits for a secret to be put right, and tells nothing of it', async () => {
    const wrong = portsFor('webhook', 'https://s3cret.example.com/');
    expect(await rejection(wrong.deliver())).toBe(
      `chat did not take ${document.deduplicationKey}: the secret lamplighter/alerts/chat is wrong: a webhook needs keys to sign with`,
    );
    const weak = portsFor('webhook', JSON.stringify({ url: 'https://s3cret.example.com/', keys: ['s3cret'] }));
    expect(await rejection(weak.deliver())).toContain('a signing secret must be whsec_');
    const unreadable = portsFor('slack', new Error('lamplighter/alerts/chat could not be read: AccessDenied'));
    expect(await rejection(unreadable.deliver())).toContain('could not be read: AccessDenied');
    expect([wrong.put, weak.put, unreadable.put]).toEqual([[['r1', 10]], [['r1', 10]], [['r1', 10]]]);
  });

  it('comes again at the queue’s own pace where that cannot be changed', async () => {
    const { url } = await openReceiver(() => ({ status: 500 }));
    const again = async () => await Promise.reject(new Error('s3cret'));
    const { deliver, log } = portsFor('slack', url, { queue: { again } });
    expect(await rejection(deliver())).toContain('it answered 500');
    expect(log.lines).toMatchObject([{ level: 'warn', message: 'the next try could not be put off' }]);
    expect(JSON.stringify(log.lines)).not.toContain('s3cret');
  });

  it('is not posted at all when it is none of ours', async () => {
    const { url, received } = await openReceiver();
    const { deliver } = portsFor('slack', url);
    await expect(deliver(1, '{"version":2}')).rejects.toThrow();
    await expect(deliver(1, 's3cret')).rejects.toThrow();
    expect(received).toEqual([]);
  });
});
