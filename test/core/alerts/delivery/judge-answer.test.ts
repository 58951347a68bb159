import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { alertFormats } from '../../../../lambdas/contract/alert-formats.ts';
import { DELIVERY_TRIES } from '../../../../lambdas/contract/delivery.ts';
import { judgeAnswer } from '../../../../lambdas/core/alerts/delivery/judge-answer.ts';
import { waitSeconds } from '../../../../lambdas/core/alerts/delivery/next-try.ts';
import { T0 } from '../../../make/state.ts';

const judged = (format: Parameters<typeof judgeAnswer>[0], status: number, body = '', retryAfter?: string) =>
  judgeAnswer(format, { status, body, retryAfter }, T0);
const taken = { kind: 'taken' };

describe('an answer', () => {
  it.each([
    ['slack', 200, 'ok'],
    ['slack', 200, ' ok\n'],
    ['slack', 200, '{"ok": true}'],
    ['teams', 202, ''],
    ['teams', 200, '1'],
    ['webhook', 204, ''],
    ['webhook', 299, 'whatever'],
    ['dingtalk', 200, '{"errcode":0,"errmsg":"ok"}'],
    ['wecom', 200, '{"errcode":0,"errmsg":"ok"}'],
  ] as const)('of %s with %i %j means that it was taken', (format, status, body) => {
    expect(judged(format, status, body)).toEqual(taken);
  });

  it.each([
    ['slack', '<html>sign in</html>'],
    ['slack', '{"ok": false}'],
    ['dingtalk', ''],
    ['wecom', '{"errmsg":"ok"}'],
    ['wecom', '{"errcode":"0"}'],
  ] as const)('of %s with 200 and %j is no yes, and may be one later', (format, body) => {
    expect(judged(format, 200, body)).toEqual({
      kind: 'later',
      why: expect.stringMatching(/^it answered 200 without/),
    });
  });

  it.each([
    ['dingtalk', 310000],
    ['dingtalk', 460101],
    ['dingtalk', 300001],
    ['dingtalk', 300005],
    ['dingtalk', 400013],
    ['dingtalk', 400101],
    ['dingtalk', 400102],
    ['dingtalk', 400105],
    ['dingtalk', 400106],
    ['dingtalk', 40035],
    ['dingtalk', 43004],
    ['dingtalk', 430101],
    ['dingtalk', 430102],
    ['dingtalk', 430103],
    ['dingtalk', 430104],
    ['wecom', 93000],
    ['wecom', 93004],
    ['wecom', 93008],
    ['wecom', 40008],
    ['wecom', 40033],
    ['wecom', 40035],
    ['wecom', 40058],
    ['wecom', 40063],
    ['wecom', 44004],
    ['wecom', 45002],
  ] as const)('of %s with errcode %i is a no for good', (format, code) => {
    const body = JSON.stringify({ errcode: code, errmsg: 's3cret' });
    expect(judged(format, 200, body)).toEqual({ kind: 'refused', why: `it answered errcode ${code}` });
  });

  it.each([
    ['dingtalk', 130101],
    ['dingtalk', -1],
    ['wecom', -1],
    ['wecom', 45009],
    ['wecom', 45033],
    // Codes of the other, and such as nobody has named.
    ['dingtalk', 93000],
    ['wecom', 310000],
    ['dingtalk', 999999],
    ['wecom', 999999],
  ] as const)('of %s with errcode %i waits for the next minute', (format, code) => {
    const why = `it answered errcode ${code}`;
    expect(judged(format, 200, JSON.stringify({ errcode: code }))).toEqual({ kind: 'later', why, afterSeconds: 60 });
  });

  it.each([
    [410100, 600],
    [90030, 3_600],
  ])('of dingtalk with errcode %i comes after the %i s that it shuts out for', (code, afterSeconds) => {
    const later = { kind: 'later', why: `it answered errcode ${code}`, afterSeconds } as const;
    expect(judged('dingtalk', 200, JSON.stringify({ errcode: code }))).toEqual(later);
    expect(waitSeconds(later, 1)).toBe(afterSeconds);
  });

  it.each(alertFormats)('of %s with an error of the server, or too many, may be better later', (format) => {
    for (const status of [408, 425, 429, 500, 502, 503, 599])
      expect(judged(format, status, 'ok')).toEqual({ kind: 'later', why: `it answered ${status}` });
  });

  it.each(alertFormats)('of %s with a redirect or an error of ours will not be better', (format) => {
    for (const status of [100, 301, 302, 307, 308, 400, 401, 403, 404, 410, 413, 422])
      expect(judged(format, status, 'ok')).toEqual({ kind: 'refused', why: `it answered ${status}` });
  });

  it.each([
    ['30', 30],
    [' 0 ', 0],
    [new Date(T0 + 90_500).toUTCString(), 90],
    [new Date(T0 - 90_000).toUTCString(), 0],
    ['soon', undefined],
    ['-1x', undefined],
    ['99999999999', undefined],
  ])('says with Retry-After %j how long', (retryAfter, afterSeconds) => {
    expect(judged('slack', 429, '', retryAfter)).toEqual({ kind: 'later', why: 'it answered 429', afterSeconds });
  });
});

describe('the next try', () => {
  const later = { kind: 'later', why: '' } as const;
  const waits = Array.from({ length: DELIVERY_TRIES }, (_, index) => waitSeconds(later, index + 1));

  it('comes after a wait that grows to a quarter of an hour', () => {
    expect(waits).toEqual([10, 30, 90, 270, 810, 900, 900, 900, 900, 900]);
  });

  it('is the last one after as many minutes as people are told', () => {
    const minutes = Math.floor(waits.slice(0, -1).reduce((sum, wait) => sum + wait, 0) / 60);
    const page = (name: string) => readFileSync(new URL(`../../../../docs/${name}.md`, import.meta.url), 'utf8');
    expect(page('deploy')).toContain(`is tried ten times within ${minutes} minutes,`);
    expect(page('deploy')).toContain('a quarter of an hour after the last try it goes to a dead-letter queue');
    expect(waits.at(-1)).toBe(15 * 60);
    expect(page('runbook')).toContain(`did not accept an alert in ten tries over ${minutes} minutes,`);
    expect(DELIVERY_TRIES).toBe(10);
  });

  it('comes when the receiver says, but not sooner than by ourselves', () => {
    expect(waitSeconds({ ...later, afterSeconds: 45 }, 1)).toBe(45);
    expect(waitSeconds({ ...later, afterSeconds: 45 }, 3)).toBe(90);
  });

  it('comes within the half day that the queue keeps a message, whatever is asked for', () => {
    expect(waitSeconds({ ...later, afterSeconds: 1e6 }, 1)).toBe(3_600);
    expect(10 * waitSeconds({ ...later, afterSeconds: 1e6 }, 10)).toBeLessThan(12 * 3_600);
  });

  it('of what can never work comes at once, so that it is before people within a minute', () => {
    for (const tries of [1, 5, 10]) expect(waitSeconds({ kind: 'refused', why: '' }, tries)).toBe(5);
  });
});
