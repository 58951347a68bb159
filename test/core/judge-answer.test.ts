// What an answer means, and what people are told of it.
import { describe, expect, it } from 'vitest';

import { isExpectedStatus, judgeAnswer, judgeTiming, needsBody } from '../../lambdas/core/judge-answer.ts';
import { type HttpProbe, probeSchema, settleProbe } from '../../lambdas/core/probe-spec.ts';

const probe = (expectation: HttpProbe['expect'], more: object = {}): HttpProbe => {
  const settled = settleProbe(probeSchema.parse({ kind: 'http', url: 'http://x/', expect: expectation, ...more }), 60);
  if (settled.kind !== 'http') throw new Error('not http');
  return settled;
};

describe('the status', () => {
  it.each([200, 204, 299])('%d is good when nothing else is asked for', (status) => {
    expect(judgeAnswer({ status, latencyMs: 5 }, probe({}))).toEqual({ verdict: 'up', cause: 'none', latencyMs: 5 });
  });
  it.each([199, 300, 404, 503])('%d is down when nothing else is asked for', (status) => {
    expect(judgeAnswer({ status, latencyMs: 5 }, probe({}))).toEqual({
      verdict: 'down',
      cause: 'wrong_status',
      latencyMs: 5,
      message: `answered ${status}, expected 2xx`,
    });
  });
  it('is held against the list when there is one', () => {
    const listed = probe({ status: [401, 403] });
    expect(judgeAnswer({ status: 401, latencyMs: 5 }, listed).verdict).toBe('up');
    expect(judgeAnswer({ status: 200, latencyMs: 5 }, listed).message).toBe('answered 200, expected 401 or 403');
    expect(isExpectedStatus(200, listed)).toBe(false);
  });
  it('decides whether the body is worth reading', () => {
    expect(needsBody(200, probe({}))).toBe(false);
    expect(needsBody(200, probe({ body: 'ok' }))).toBe(true);
    expect(needsBody(200, probe({ json: [{ path: '$', equals: 1 }] }))).toBe(true);
    expect(needsBody(500, probe({ body: 'ok' }))).toBe(false);
  });
});

describe('the body', () => {
  it('must contain the text, and the message shows neither the text nor the body', () => {
    expect(judgeAnswer({ status: 200, body: 'all ok', latencyMs: 5 }, probe({ body: 'ok' })).verdict).toBe('up');
    expect(judgeAnswer({ status: 200, body: 'password=hunter2', latencyMs: 5 }, probe({ body: 'ok' }))).toMatchObject({
      verdict: 'down',
      cause: 'wrong_body',
      message: 'the body does not contain the expected text (2 characters)',
    });
  });
  it('that is missing contains nothing', () => {
    expect(judgeAnswer({ status: 200, latencyMs: 5 }, probe({ body: 'ok' })).cause).toBe('wrong_body');
  });
  it.each([
    ['{"status":"UP"}', undefined],
    ['{"status":"DOWN"}', '$.status is "DOWN", expected "UP"'],
    ['{"status":true}', '$.status is true, expected "UP"'],
    ['{"status":null}', '$.status is null, expected "UP"'],
    ['{"status":{"secret":1}}', '$.status is an object, expected "UP"'],
    ['{"status":["secret"]}', '$.status is a list, expected "UP"'],
    ['{}', '$.status is missing, expected "UP"'],
    ['<html>', 'the body is not JSON'],
    [`{"status":"${'x'.repeat(500)}"}`, `$.status is "${'x'.repeat(79)}…, expected "UP"`],
  ])('%s is judged by its JSON', (body, message) => {
    const observation = judgeAnswer(
      { status: 200, body, latencyMs: 5 },
      probe({ json: [{ path: '$.status', equals: 'UP' }] }),
    );
    expect(observation.message).toBe(message);
    expect(observation.verdict).toBe(message ? 'down' : 'up');
  });
  it('is judged as it came, and shown with its secrets concealed before it is cut or escaped', () => {
    const secret = `a"b${'x'.repeat(117)}`;
    const conceal = (text: string) => text.replaceAll(secret, '***').replaceAll('20042', '***');
    const told = (value: unknown, equals: string | number) =>
      judgeAnswer(
        { status: 200, body: JSON.stringify({ key: value }), latencyMs: 5 },
        probe({ json: [{ path: '$.key', equals }] }),
        conceal,
      ).message;
    expect(told(`${secret}!`, 'UP')).toBe('$.key is "***!", expected "UP"');
    expect(told(20042, secret)).toBe('$.key is ***, expected "***"');
    expect(told(secret, secret)).toBeUndefined();
  });
  it('must meet every assertion', () => {
    const json = [
      { path: '$.a', equals: 1 },
      { path: '$.b', equals: null },
    ];
    expect(judgeAnswer({ status: 200, body: '{"a":1,"b":2}', latencyMs: 5 }, probe({ json })).message).toBe(
      '$.b is 2, expected null',
    );
    expect(judgeAnswer({ status: 200, body: '{"a":1,"b":null}', latencyMs: 5 }, probe({ json })).verdict).toBe('up');
  });
});

describe('an answer that is good but', () => {
  it('late is slow from the first millisecond above the limit', () => {
    const limited = probe({ maxLatencyMs: 100 });
    expect(judgeAnswer({ status: 200, latencyMs: 100 }, limited).verdict).toBe('up');
    expect(judgeAnswer({ status: 200, latencyMs: 101 }, limited)).toEqual({
      verdict: 'slow',
      cause: 'too_slow',
      latencyMs: 101,
      message: 'answered after 101 ms, expected at most 100 ms',
    });
  });
  it('comes with a certificate near its end is slow', () => {
    const warned = probe({}, { certificateWarningDays: 14 });
    expect(judgeAnswer({ status: 200, latencyMs: 5, certificateDaysLeft: 14 }, warned).verdict).toBe('up');
    expect(judgeAnswer({ status: 200, latencyMs: 5, certificateDaysLeft: 13 }, warned)).toEqual({
      verdict: 'slow',
      cause: 'certificate_expiring',
      latencyMs: 5,
      certificateDaysLeft: 13,
      message: 'the certificate ends in 13 days; the warning begins at 14',
    });
  });
  it('comes with a certificate that has ended, where that is not verified, is slow', () => {
    expect(judgeTiming({ latencyMs: 5, certificateDaysLeft: -3 }, {}).message).toBe('the certificate ended 3 days ago');
  });
});
