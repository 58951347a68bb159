// What holds of every form, whatever names and messages are: limits of SNS and of SMS, and that no secret is in any.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { alertFormats } from '../../../lambdas/contract/alert-formats.ts';
import { formatFor } from '../../../lambdas/core/alerts/formats/format.ts';
import { buildGroupNotice } from '../../../lambdas/core/alerts/group-notice.ts';
import { buildNotice, type NoticeText } from '../../../lambdas/core/alerts/notice.ts';
import { buildStormNotice } from '../../../lambdas/core/alerts/storm-notice.ts';
import { type AlertBody, alertKinds } from '../../../lambdas/core/model/intents.ts';
import { alertLevels } from '../../../lambdas/core/model/service.ts';
import { smsParts } from '../../../local/aws/sns/print.ts';
import { billing, documentFor, documentOf, makeAlert } from '../../make/alerts.ts';
import { T0 } from '../../make/state.ts';

const text = (maxLength: number) =>
  fc.oneof(fc.string({ unit: 'binary', maxLength }), fc.string({ unit: 'grapheme', maxLength }));
const anyAlert: fc.Arbitrary<AlertBody> = fc
  .record({
    kind: fc.constantFrom(...alertKinds),
    level: fc.constantFrom(...alertLevels),
    message: text(3_000),
    seen: fc.option(text(1_000), { nil: undefined }),
    held: fc.option(text(600), { nil: undefined }),
    evidence: fc.option(text(4_000), { nil: undefined }),
    tried: fc.option(
      fc.array(fc.record({ what: text(300), outcome: text(300), at: fc.constant(T0) }), { maxLength: 10 }),
      {
        nil: undefined,
      },
    ),
  })
  .map(makeAlert);

const bytes = (value: string) => new TextEncoder().encode(value).length;
/** What SNS counts: the message with all its forms, and the attributes. */
const sizeAtSns = ({ json, email, sms, attributes }: NoticeText) =>
  bytes(JSON.stringify({ default: json, email, sms })) + bytes(JSON.stringify(attributes));
/** What XML 1.0 does not know: SNS refuses the whole notice for it. */
const refused = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function mustBeTaken(notice: NoticeText) {
  const { subject, email, sms, attributes } = notice;
  expect(subject).toMatch(/^\[(INFO|WARNING|ERROR|CRITICAL)\] [\x20-\x7e]{1,100}$/);
  expect(subject.length).toBeLessThanOrEqual(100);
  expect(smsParts(sms)).toEqual({ alphabet: 'GSM-7', parts: 1 });
  expect(sms).not.toMatch(/\s\s|[\r\n]/);
  expect(email).not.toMatch(/[^\P{Cc}\n\t]/u);
  expect(sizeAtSns(notice)).toBeLessThan(256 * 1024);
  expect(Object.keys(attributes).length).toBeLessThanOrEqual(10);
  const values = Object.values(attributes).flat();
  expect(values.every((value) => value !== '' && !refused.test(value))).toBe(true);
  expect(`${subject}${sms}`).not.toContain('undefined');
}

describe('every form of an alert', () => {
  it('is taken by SNS and fits into one part of an SMS', () => {
    fc.assert(
      fc.property(text(100), text(100), text(256), anyAlert, (name, project, tag, alert) => {
        mustBeTaken(buildNotice({ ...billing, name, project, tags: { [tag]: tag, team: 'x' } }, alert));
      }),
      { numRuns: 40 },
    );
  });

  it('is taken too when hundreds come as one', () => {
    const one = fc.tuple(fc.nat(400), anyAlert).map(([at, alert]) => {
      const service = { ...billing, id: `service-${at}`, name: `Service ${at}`, tags: { [`t${at}`]: 'x'.repeat(256) } };
      return documentOf(buildNotice(service, { ...alert, deduplicationKey: `inc-${at}` }));
    });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 60 }), (documents) => {
        mustBeTaken(buildGroupNotice(documents, { id: 'w', since: T0, until: T0 + 60_000 }));
      }),
      { numRuns: 8 },
    );
    const all = Array.from({ length: 1_000 }, (_, at) => documentFor(`service-${at}`, { message: '"\\'.repeat(500) }));
    mustBeTaken(buildGroupNotice(all, { id: 'w', since: T0, until: T0 + 60_000 }));
  });

  it.each(alertFormats)('is in the format %s within what its receiver takes', (format) => {
    // The receivers' own numbers; Teams measures after it has written the card anew.
    const most = { slack: 12_500, teams: 24_000, dingtalk: 20_000, wecom: Infinity, webhook: 256 * 1024 }[format];
    const single = anyAlert.map((alert) => documentOf(buildNotice({ ...billing, tags: {} }, alert)));
    const group = fc
      .array(fc.tuple(fc.nat(99), anyAlert), { minLength: 2, maxLength: 40 })
      .map((some) => some.map(([at, alert]) => documentFor(`s-${at}`, { ...alert, deduplicationKey: `k-${at}` })))
      .map((some) => documentOf(buildGroupNotice(some, { id: 'w', since: T0, until: T0 + 1 })));
    fc.assert(
      fc.property(fc.oneof(single, group), (document) => {
        const { body } = formatFor(format, document);
        expect(bytes(body)).toBeLessThanOrEqual(format === 'slack' ? most * 4 : most);
        expect(format !== 'slack' || body.length <= most).toBe(true);
        if (format === 'wecom')
          expect(bytes((JSON.parse(body) as { markdown: { content: string } }).markdown.content)).toBeLessThanOrEqual(
            4_096,
          );
      }),
      { numRuns: 25 },
    );
  });
});

describe('no form holds a secret', () => {
  const core = fc.string({ unit: fc.constantFrom(...'ABCDEF0123456789'), minLength: 24, maxLength: 40 });
  const shapes = [
    (secret: string) => `password=${secret}`,
    (secret: string) => `Authorization: Bearer ${secret}`,
    (secret: string) => `AKIA${secret}`,
    (secret: string) => `https://user:${secret}@example.com/health`,
    (secret: string) => `{"api_key": "${secret}"}`,
    (secret: string) => `--token ${secret}`,
    (secret: string) => `eyJ${secret}.${secret}.${secret}`,
    (secret: string) => `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n${secret}`,
  ];
  const places = [
    'message',
    'seen',
    'held',
    'evidence',
    'tried',
    'name',
    'project',
    'tag',
    'tagName',
    'group',
  ] as const;

  it.each(places)('that stood in %s', (place) => {
    const some = fc.record({ secret: core, shape: fc.constantFrom(...shapes), before: fc.nat(1_600) });
    fc.assert(
      fc.property(some, ({ secret, shape, before }) => {
        // Near the ends of the texts too: a cut must not make a secret unknowable.
        const said = `${'x '.repeat(place === 'name' || place === 'project' || place === 'tag' ? 0 : before / 2)}${shape(secret)}`;
        const change: Partial<AlertBody> =
          place === 'tried' ? { tried: [{ what: said, outcome: said, at: T0 }] } : { [place]: said };
        const service = {
          ...billing,
          ...(place === 'name' && { name: said }),
          ...(place === 'project' && { project: said }),
          ...(place === 'tag' && { tags: { note: said } }),
          ...(place === 'tagName' && { tags: { 'db-password': secret } }),
        };
        const isBody = ['message', 'seen', 'held', 'evidence', 'tried'].includes(place);
        const alone = buildNotice(service, makeAlert({ kind: 'restart_failed', ...(isBody && change) }));
        const storm = { id: 's', group: `tag x=${said}`, services: 9, failing: 8, openedAt: T0, lastSeenAt: T0 };
        const of = place === 'group' ? buildStormNotice(storm, 'storm') : alone;
        const document = documentOf(of);
        const together = buildGroupNotice([document, documentFor('other')], { id: 'w', since: T0, until: T0 + 1 });
        for (const notice of [of, together])
          for (const form of Object.values(notice)) expect(JSON.stringify(form)).not.toContain(secret);
        for (const format of alertFormats) expect(formatFor(format, document).body).not.toContain(secret);
      }),
      { numRuns: 30 },
    );
  });
});
