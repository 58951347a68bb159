// An alert in words: what SNS takes, what fits into one SMS, and what machines read.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { safeText } from '../../../lambdas/core/alerts/bounded.ts';
import { buildNotice } from '../../../lambdas/core/alerts/notice.ts';
import { type AlertBody, alertKinds } from '../../../lambdas/core/model/intents.ts';
import { alertLevels } from '../../../lambdas/core/model/service.ts';
import { failureTypes } from '../../../lambdas/core/model/timeline.ts';
import { smsParts } from '../../../local/aws/sns/print.ts';
import { ecsStep, makeService } from '../../make/service.ts';
import { T0 } from '../../make/state.ts';

const service = makeService({ project: 'erp', tags: { team: 'payments' } });
const alert: AlertBody = {
  kind: 'recovered',
  level: 'warning',
  failureType: 'auto_restart',
  incidentId: 'inc-1',
  deduplicationKey: 'inc-1:recovered',
  message: 'Healthy again after 7 min',
  detectedAt: T0,
  resolvedAt: T0 + 420_000,
  restarts: 1,
};

describe('a notice', () => {
  it('says in an e-mail what happened, to what, since when, and where to look', () => {
    const { subject, email } = buildNotice(service, alert);
    expect(subject).toBe('[WARNING] Billing API has recovered');
    expect(email).toBe(`Billing API has recovered

Healthy again after 7 min

Service:   Billing API (default/billing-api)
Project:   erp
Level:     warning
Since:     2026-01-05T08:00:00.000Z (lasted 7 min)
Over:      2026-01-05T08:07:00.000Z
Restarts:  1
Incident:  inc-1

What happens next
  Nothing: the incident is over.

Where to look
  Service:   /services/billing-api?tenant=default
  Timeline:  /services/billing-api/events?tenant=default
  Runbook:   docs/alerts.md#recovered
`);
  });

  it('leaves out what there is not', () => {
    const { email, json, attributes } = buildNotice(makeService(), {
      ...alert,
      resolvedAt: undefined,
      failureType: undefined,
    });
    expect(email).not.toMatch(/Project|Over/);
    expect(JSON.parse(json)).toMatchObject({ resolvedAt: null, failureType: null, service: { project: null } });
    expect(attributes).toEqual({ level: 'warning', kind: 'recovered', service: 'billing-api', tenant: 'default' });
  });

  it('says everything to machines', () => {
    const { json, attributes } = buildNotice(service, alert);
    expect(JSON.parse(json)).toEqual({
      version: 1,
      kind: 'recovered',
      level: 'warning',
      headline: 'Billing API has recovered',
      failureType: 'auto_restart',
      deduplicationKey: 'inc-1:recovered',
      incidentId: 'inc-1',
      message: 'Healthy again after 7 min',
      at: null,
      detectedAt: '2026-01-05T08:00:00.000Z',
      resolvedAt: '2026-01-05T08:07:00.000Z',
      restarts: 1,
      ...{ cause: null, seen: null, held: null, tried: [], evidence: null, storm: null, group: null, sms: null },
      next: 'Nothing: the incident is over.',
      links: {
        service: '/services/billing-api?tenant=default',
        events: '/services/billing-api/events?tenant=default',
        fleet: null,
        runbook: 'docs/alerts.md#recovered',
      },
      service: {
        tenant: 'default',
        id: 'billing-api',
        name: 'Billing API',
        project: 'erp',
        tags: { team: 'payments' },
        dependsOn: [],
      },
    });
    expect(attributes).toMatchObject({ project: 'erp', tags: ['team=payments'] });
  });

  it.each([
    ['degraded', 'Billing API is degraded'],
    ['unhealthy', 'Billing API is unhealthy'],
    ['restart_held', 'Billing API is not restarted'],
    ['restart_failed', 'Billing API restart failed'],
    ['restart_limit_exceeded', 'Billing API needs a person'],
    ['recovered', 'Billing API has recovered'],
    ['flapping', 'Billing API is flapping'],
    ['steady', 'Billing API is steady again'],
    ['escalation', 'Billing API is still down and nobody has taken it'],
    ['early_warning', 'Billing API may fail soon'],
    ['trend_over', 'Billing API is as usual again'],
  ] as const)('of kind %s is headed "%s"', (kind, headline) => {
    const notice = buildNotice(service, { ...alert, kind });
    expect(notice.subject).toBe(`[WARNING] ${headline}`);
    expect(notice.sms).toBe(`WARNING ${headline}: Healthy again after 7 min`);
  });

  it('says of a reminder how long it has gone on, where that is known', () => {
    const reminder = { ...alert, kind: 'reminder', level: 'error', resolvedAt: undefined } as const;
    expect(buildNotice(service, { ...reminder, at: T0 + 42 * 60_000 }).subject).toBe(
      '[ERROR] Billing API is still down after 42 min',
    );
    expect(buildNotice(service, reminder).subject).toBe('[ERROR] Billing API is still down');
    expect(buildNotice(service, { ...reminder, level: 'warning' }).subject).toBe(
      '[WARNING] Billing API is still degraded',
    );
    expect(buildNotice(service, { ...reminder, at: T0 }).email).toContain('Since:     2026-01-05T08:00:00.000Z\n');
  });

  it('says that nothing was restarted, where nothing was', () => {
    const { email } = buildNotice(service, { ...alert, restarts: 0 });
    expect(email).toContain('What was done\n  Nothing was restarted so far.\n');
    expect(buildNotice(service, alert).email).not.toContain('What was done');
  });

  it.each(['off', 'observe', 'on'] as const)('promises no restart that nobody orders: mode %s', (mode) => {
    const mine = makeService({ restart: { mode, steps: [ecsStep] } });
    for (const kind of ['restart_failed', 'restart_held'] as const) {
      const { email } = buildNotice(mine, { ...alert, kind, level: 'error', resolvedAt: undefined });
      expect(email.includes('It is not restarted automatically.'), kind).toBe(mode !== 'on');
      expect(/next step is taken|is restarted\.$/m.test(email), kind).toBe(mode === 'on');
    }
    expect(buildNotice(mine, alert).email).toContain('Nothing: the incident is over.');
  });

  it('promises none where a person has cancelled one', () => {
    const mine = makeService({ restart: { mode: 'on', steps: [ecsStep] } });
    const failed = { ...alert, kind: 'restart_failed', level: 'error', resolvedAt: undefined } as const;
    const { email } = buildNotice(mine, { ...failed, handsOff: true });
    expect(email).toContain('It is not restarted automatically.');
    expect(email).not.toContain('next step is taken');
  });

  it('says what comes next of an outage by whether it is being healed', () => {
    const unhealthy = { ...alert, kind: 'unhealthy' } as const;
    expect(buildNotice(service, unhealthy).email).toContain('It is restarted, at once or after a wait.');
    expect(buildNotice(service, { ...unhealthy, level: 'error' }).email).toContain('It is probed as before.');
  });

  it('promises a restart behind an outage that is only held, and none where it is left to people', () => {
    const held = { ...alert, kind: 'unhealthy', level: 'error', resolvedAt: undefined } as const;
    const restartedThen = 'Once nothing holds the restart back any more, and if it is still down, it is restarted.';
    const next = (mode: 'on' | 'off' | 'observe', more: object = {}) =>
      buildNotice(makeService({ restart: { mode, steps: [ecsStep] } }), { ...held, ...more }).email;
    expect(next('on')).toContain(restartedThen);
    expect(next('on', { handsOff: true })).not.toContain(restartedThen);
    expect(next('off')).not.toContain(restartedThen);
    expect(next('observe')).not.toContain(restartedThen);
  });

  it('takes a secret out of a tag, be it in its value, by its name, or by both', () => {
    const tags = { 'http://a': 'b@c', note: 'token=x1', password: 'x2', AKIAABCDEFGHIJKLMNOP: 'x3' };
    const { json, attributes } = buildNotice({ ...service, tags }, alert);
    expect(JSON.parse(json)).toMatchObject({
      service: { tags: { 'http://a': '***', note: 'token=***', password: '***', '***': 'x3' } },
    });
    expect(attributes['tags']).toEqual(['http://a=***', 'note=token=***', 'password=***', '***=x3']);
  });

  it('replaces in an SMS what would make it longer than it looks', () => {
    const { sms, subject } = buildNotice({ ...service, name: 'a`b^c{d}e\\f[g]h~i|j é\n\tk' }, alert);
    expect(sms).toBe("WARNING a'b^c{d}e\\f[g]h~i|j é k has recovered: Healthy again after 7 min");
    expect(subject).toBe('[WARNING] a`b^c{d}e\\f[g]h~i|j e k has recovered');
  });

  it.each([
    [90, 'x'.repeat(77)],
    [76, 'x'.repeat(76)],
  ])('with a name of %i signs is cut where SNS would refuse it', (length, start) => {
    const { subject } = buildNotice({ ...service, name: 'x'.repeat(length) }, alert);
    expect(subject.startsWith(`[WARNING] ${start}`)).toBe(true);
    expect(subject.endsWith('...')).toBe(length === 90);
  });

  it('fits everywhere, whatever the name and the message', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
    );
    const alerts = fc.record({
      kind: fc.constantFrom(...alertKinds),
      level: fc.constantFrom(...alertLevels),
      failureType: fc.option(fc.constantFrom(...failureTypes), { nil: undefined }),
      resolvedAt: fc.option(fc.constant(T0), { nil: undefined }),
      message: texts,
    });
    fc.assert(
      fc.property(texts, texts, alerts, (name, project, change) => {
        const named = { ...service, name, project };
        const { subject, sms, json, email, attributes } = buildNotice(named, { ...alert, ...change });
        expect(subject).toMatch(/^[\x20-\x7e]{1,100}$/);
        expect(smsParts(sms)).toEqual({ alphabet: 'GSM-7', parts: 1 });
        const safe = { name: safeText(name, 100), project: safeText(project, 100) };
        expect(JSON.parse(json)).toMatchObject({ message: safeText(change.message, 1_000), service: safe });
        expect(Object.values(attributes).every((value) => value.length > 0)).toBe(true);
        for (const text of [subject, sms, email, json])
          expect(text.replaceAll(name, '').replaceAll(change.message, '').replaceAll(project, '')).not.toContain(
            'undefined',
          );
      }),
    );
  });
});
