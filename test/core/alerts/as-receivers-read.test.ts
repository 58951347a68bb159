// Every kind of message, read by the libraries that receivers read with: a parser of mails, a counter of SMS parts, the
// renderer of Adaptive Cards, the verifier of Standard Webhooks. What Slack takes is held by Slack's own types.
import { createHmac } from 'node:crypto';

import { AdaptiveCard, SerializationContext } from 'adaptivecards';
import PostalMime from 'postal-mime';
import { SegmentedMessage } from 'sms-segments-calculator';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';

import { documentKinds } from '../../../lambdas/core/alerts/document.ts';
import { formatFor } from '../../../lambdas/core/alerts/formats/format.ts';
import { signatureHeaders } from '../../../lambdas/core/alerts/formats/webhook.ts';
import { mailText } from '../../../local/aws/sns/print.ts';
import { documentOf, notices } from '../../make/alerts.ts';

const kinds = documentKinds.map((kind) => [kind, notices[kind], documentOf(notices[kind])] as const);
const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;

/** Between the rules that one-machine mode prints around it. */
const printed = (mail: string) => mail.split('\n').slice(1, -2).join('\n');

function readCard(content: unknown): { card: AdaptiveCard; faults: string[] } {
  const card = new AdaptiveCard();
  const reading = new SerializationContext();
  card.parse(content, reading);
  const faults = Array.from({ length: reading.eventCount }, (_event, index) => reading.getEventAt(index).message);
  return { card, faults };
}

it('the renderer of cards does find faults', () => {
  const { faults } = readCard({ type: 'AdaptiveCard', version: '1.4', body: [{ type: 'TextBlok', text: 'Hello' }] });
  expect(faults).toHaveLength(1);
});

describe.each(kinds)('%s', (_, notice, document) => {
  it('is a mail whose subject and text arrive as they were meant', async () => {
    const addresses = { from: 'lamplighter@example.com', to: 'ops@example.com' };
    const mail = printed(mailText({ ...addresses, subject: notice.subject, body: notice.email }));
    const read = await PostalMime.parse(mail);
    expect(read).toMatchObject({ subject: notice.subject, to: [{ address: 'ops@example.com' }] });
    expect(read.from?.address).toBe('lamplighter@example.com');
    expect(read.text?.trim()).toBe(notice.email.trim());
    // RFC 5322, 2.1.1: a line has at most 998 characters.
    expect(mail.split('\n').every((line) => line.length <= 998)).toBe(true);
  });

  it('is one part of an SMS in the alphabet of GSM', () => {
    const { encodingName, segmentsCount } = new SegmentedMessage(notice.sms);
    expect({ encodingName, segmentsCount }).toEqual({ encodingName: 'GSM-7', segmentsCount: 1 });
  });

  it('is an Adaptive Card without a fault', () => {
    const { attachments } = JSON.parse(formatFor('teams', document).body) as { attachments: { content: object }[] };
    const { card, faults } = readCard(attachments[0]?.content);
    expect(faults).toEqual([]);
    expect(card.validateProperties().validationEvents.map(({ message }) => message)).toEqual([]);
    expect(card.getItemCount()).toBeGreaterThan(0);
  });

  it('is a webhook whose signature verifies, and no longer when a letter of it is another', () => {
    const { body } = formatFor('webhook', document);
    const hmac = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest();
    const signing = { body, id: document.deduplicationKey, now: Date.now(), secrets: [secret] };
    const headers = { ...signatureHeaders(signing, hmac) };
    const receiver = new Webhook(secret);
    expect(receiver.verify(body, headers)).toEqual(document);
    expect(() => receiver.verify(body.replace('version', 'Version'), headers)).toThrow();
  });
});
