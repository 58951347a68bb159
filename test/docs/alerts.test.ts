// docs/alerts.md shows messages as they are sent, a chapter for every kind, and a check of signatures that works.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { alertFormats } from '../../lambdas/contract/alert-formats.ts';
import { BUS_SOURCE, busDetailTypes } from '../../lambdas/contract/event-bus.ts';
import { documentKinds } from '../../lambdas/core/alerts/document.ts';
import { signatureHeaders } from '../../lambdas/core/alerts/formats/webhook.ts';
import { documentOf } from '../../lambdas/core/alerts/notice.ts';
import { alertEntry, changeEntry } from '../../lambdas/core/bus/entries.ts';
import type { Health } from '../../lambdas/core/model/conditions.ts';
import type { Service } from '../../lambdas/core/model/service.ts';
import { lets } from '../lib/event-pattern.ts';
import { billing, makeAlert, notices } from '../make/alerts.ts';
import { outageRecord } from '../make/bus.ts';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const page = read('docs/alerts.md');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, body = '']) => body);
const mailOf = ({ subject, email }: { subject: string; email: string }) => `Subject: ${subject}\n\n${email}`;

describe('the page of alerts', () => {
  it('shows mails, an SMS, a document and attributes as they are sent', () => {
    const { sms, json, attributes } = notices.restart_failed;
    expect(blocks('mail')).toEqual([mailOf(notices.restart_failed), mailOf(notices.group)]);
    expect(blocks('sms')).toEqual([`${sms}\n`]);
    expect(blocks('json').map((text) => JSON.parse(text) as unknown)).toEqual([JSON.parse(json)]);
    expect(blocks('attributes').map((text) => JSON.parse(text) as unknown)).toEqual([attributes]);
  });

  it('has a chapter for every kind, which alerts without a runbook of their own lead to, and for no other', () => {
    const [, kinds = ''] = page.split(/^## The kinds$/m);
    const chapters = [...(kinds.split(/^## /m)[0] ?? '').matchAll(/^### (.*)$/gm)].map(([, kind]) => kind);
    expect(chapters).toEqual([...documentKinds]);
    expect(JSON.parse(notices.storm.json)).toMatchObject({ links: { runbook: 'docs/alerts.md#storm' } });
  });

  it('names every format', () => {
    expect([...page.matchAll(/^\| `(\w+)` +\|/gm)].map(([, format]) => format)).toEqual([...alertFormats]);
  });

  it('shows a state change as it is put on the event bus', () => {
    const { detail = '' } = changeEntry(billing, outageRecord) ?? {};
    expect(blocks('change').map((text) => JSON.parse(text) as unknown)).toEqual([JSON.parse(detail)]);
    for (const name of Object.values(busDetailTypes)) expect(page).toContain(`| \`${name}\``);
  });

  it('shows a rule that lets through what it says, and nothing else', () => {
    const [pattern = ''] = blocks('pattern');
    const isLet = (detail: string, source: string = BUS_SOURCE) =>
      lets(JSON.parse(pattern) as Record<string, unknown>, { source, detail: JSON.parse(detail) as unknown });
    const changed = (service: Service, from: Health, to: Health) =>
      isLet(changeEntry(service, { ...outageRecord, change: { from, to } })?.detail ?? '');
    const erp = { ...billing, project: 'erp' };
    expect(changed(erp, 'healthy', 'unhealthy')).toBe(true);
    expect(changed(erp, 'unhealthy', 'unhealthy')).toBe(false);
    expect(changed(erp, 'unhealthy', 'healthy')).toBe(false);
    expect(changed({ ...billing, project: 'shop' }, 'healthy', 'unhealthy')).toBe(false);
    const told = (level: 'critical' | 'error') => alertEntry(documentOf(erp, makeAlert({ level }))).detail;
    expect([isLet(told('critical')), isLet(told('error')), isLet(told('critical'), 'other')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('shows a check of signatures that takes ours and no other', async () => {
    const [code = ''] = blocks('js');
    const module = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)) as {
      isOurs: (headers: object, body: string, secret: string, now: number) => boolean;
    };
    const secret = `whsec_${Buffer.from('a secret of twenty-four.').toString('base64')}`;
    const other = `whsec_${Buffer.from('another secret, as long.').toString('base64')}`;
    const now = 1_767_600_000_000;
    const { json: body } = notices.unhealthy;
    const hmac = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest();
    const headers = signatureHeaders({ body, id: 'inc-1:unhealthy', now, secrets: [other, secret] }, hmac);
    expect(module.isOurs(headers, body, secret, now)).toBe(true);
    expect(module.isOurs(headers, `${body} `, secret, now)).toBe(false);
    expect(module.isOurs(headers, body, secret, now + 301_000)).toBe(false);
    expect(module.isOurs(headers, body, `whsec_${Buffer.alloc(24).toString('base64')}`, now)).toBe(false);
  });
});
