// Overload is not death: what a process says that has too much to do, and what only looks like it.
import { describe, expect, it } from 'vitest';

import { mayTellOverload, overloadOf } from '../../../lambdas/core/judging/overload.ts';

const TARGETLESS = '<html><head><title>503 Service Temporarily Unavailable</title></head></html>';

describe('overload', () => {
  it.each([
    [{ status: 429 }, 'answered 429 Too Many Requests'],
    [{ status: 503, retryAfter: '30' }, 'answered 503 and asks to come back later (Retry-After)'],
    [{ status: 503, body: '{"error":"Overloaded"}' }, 'answered 503 and says that it is overloaded'],
    [{ status: 503, body: 'too many connections' }, 'answered 503 and says that it is overloaded'],
    [{ status: 503, body: 'rate limit exceeded' }, 'answered 503 and says that it is overloaded'],
    [{ status: 503, body: 'request was throttled' }, 'answered 503 and says that it is overloaded'],
    [{ status: 503, body: 'Server is too busy' }, 'answered 503 and says that it is overloaded'],
    [{ status: 503, body: 'the queue is full' }, 'answered 503 and says that it is overloaded'],
  ])('is told by %j', (answer, words) => {
    expect(overloadOf(answer)).toBe(words);
  });

  it.each([
    [{ status: 503 }],
    [{ status: 503, body: TARGETLESS }],
    [{ status: 503, body: 'no healthy upstream' }],
    [{ status: 503, body: 'No server is available to handle this request.' }],
    [{ status: 500, retryAfter: '30', body: 'overloaded' }],
    [{ status: 502, body: 'too many requests' }],
    [{ status: 503, body: `${' '.repeat(4_096)}overloaded` }],
  ])('is not told by %j: there nothing may live', (answer) => {
    expect(overloadOf(answer)).toBeUndefined();
  });

  it('is looked for in the body of a 503 whose headers do not tell', () => {
    expect([503, 500, 429].map((status) => mayTellOverload({ status }))).toEqual([true, false, false]);
    expect(mayTellOverload({ status: 503, retryAfter: '1' })).toBe(false);
  });
});
