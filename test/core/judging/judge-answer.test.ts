// What an answer means, and what people are told of it.
import { describe, expect, it } from 'vitest';

import {
  bodyWish,
  isExpectedStatus,
  judgeAnswer,
  judgeTiming,
  needsBody,
} from '../../../lambdas/core/judging/judge-answer.ts';
import { type HttpProbe, probeSchema, settleProbe } from '../../../lambdas/core/model/probe-spec.ts';

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

describe('overload', () => {
  it.each([
    [{ status: 429 }, undefined, 'slow'],
    [{ status: 429 }, 'slow', 'slow'],
    [{ status: 429 }, 'down', 'down'],
    [{ status: 503, retryAfter: '5' }, undefined, 'slow'],
    [{ status: 503, body: 'overloaded' }, undefined, 'slow'],
    [{ status: 503, retryAfter: '5' }, 'down', 'down'],
  ] as const)('%j is told as such, with overload: %s it is %s', (answer, overload, verdict) => {
    const observation = judgeAnswer({ ...answer, latencyMs: 5, certificateDaysLeft: 9 }, probe({ overload }));
    expect(observation).toMatchObject({ verdict, cause: 'overloaded', latencyMs: 5, certificateDaysLeft: 9 });
    expect(observation.message).toMatch(/^overloaded: answered (429|503)/);
  });

  it('is none where the status is what was asked for', () => {
    expect(judgeAnswer({ status: 429, latencyMs: 5 }, probe({ status: [429] })).verdict).toBe('up');
  });

  it.each<
    [head: { status: number; retryAfter?: string }, document: { expect?: object; method?: string }, wish: unknown]
  >([
    [{ status: 503 }, {}, { first: 4_096 }],
    [{ status: 503, retryAfter: '5' }, {}, 'none'],
    [{ status: 429 }, {}, 'none'],
    [{ status: 500 }, {}, 'none'],
    [{ status: 503 }, { method: 'HEAD' }, 'none'],
    [{ status: 503 }, { expect: { status: [503] } }, 'none'],
    [{ status: 503 }, { expect: { status: [503], body: 'ok' } }, { until: 'ok' }],
    [{ status: 200 }, { expect: { json: [{ path: '$', equals: 1 }], body: 'ok' } }, 'all'],
    [{ status: 200 }, { expect: { actuator: true } }, 'all'],
    [{ status: 503 }, { expect: { actuator: true } }, 'all'],
    [{ status: 404 }, { expect: { actuator: true } }, 'none'],
  ])('%j to %j: of the body is read %j', (head, { expect: expectation = {}, ...more }, wish) => {
    expect(bodyWish(head, probe(expectation, more))).toEqual(wish);
  });
});

describe('an Actuator', () => {
  const say = (status: number, body: string, more: object = {}) =>
    judgeAnswer({ status, body, latencyMs: 5, ...more }, probe({ actuator: true, maxLatencyMs: 100 }));

  it.each([
    [200, '{"status":"UP"}', 'up', 'none'],
    [503, '{"status":"DOWN"}', 'down', 'component_down'],
    [503, '{"status":"OUT_OF_SERVICE"}', 'slow', 'not_ready'],
    [503, '{"status":"UP"}', 'down', 'wrong_status'],
    [503, '<html>', 'down', 'wrong_status'],
    [503, '{"error":"overloaded"}', 'slow', 'overloaded'],
    [200, '{"ok":true}', 'down', 'wrong_body'],
    [200, '<html>', 'down', 'wrong_body'],
    [404, '{"status":"UP"}', 'down', 'wrong_status'],
  ])('that answers %i %s is %s: %s', (status, body, verdict, cause) => {
    expect(say(status, body)).toMatchObject({ verdict, cause, latencyMs: 5 });
  });

  it('may be down and ask to come back later: what it says of itself is what counts', () => {
    expect(say(503, '{"status":"DOWN"}', { retryAfter: '5' }).cause).toBe('component_down');
  });

  it('that is well is still held against the time it took', () => {
    expect(say(200, '{"status":"UP"}', { latencyMs: 200 }).cause).toBe('too_slow');
  });

  it('is heard as its list says, and shown without secrets', () => {
    const listed = probe({ actuator: { components: ['db'] } });
    const body = '{"status":"DOWN","components":{"db":{"status":"UP"},"hunter2":{"status":"DOWN"}}}';
    const conceal = (text: string) => text.replaceAll('hunter2', '***');
    expect(judgeAnswer({ status: 503, body, latencyMs: 5 }, listed, conceal)).toMatchObject({
      ...{ verdict: 'slow', cause: 'component_down', message: 'Actuator says DOWN: *** DOWN' },
    });
  });
});
