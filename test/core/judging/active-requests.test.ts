// How many requests are under way, in whatever a service answers.
import { describe, expect, it } from 'vitest';

import { activeRequestsIn } from '../../../lambdas/core/judging/active-requests.ts';

describe('the number of requests under way', () => {
  it.each([
    ['0', 0],
    [' 12\n', 12],
    ['2.5', 3],
    ['', undefined],
    ['-1', undefined],
    ['many', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['1234567890123', undefined],
    ['{"active":0}', undefined],
  ])('in %j is %s', (body, active) => {
    expect(activeRequestsIn(body, undefined)).toBe(active);
  });

  it.each([
    ['{"measurements":[{"statistic":"VALUE","value":3.0}]}', '$.measurements[0].value', 3],
    ['{"active":"4"}', '$.active', 4],
    ['{"active":0.1}', '$.active', 1],
    ['{"active":0}', '$.active', 0],
    ['{"active":-1}', '$.active', undefined],
    ['{"active":1e999}', '$.active', undefined],
    ['{"active":null}', '$.active', undefined],
    ['{"active":true}', '$.active', undefined],
    ['{"active":[0]}', '$.active', undefined],
    ['{"other":0}', '$.active', undefined],
    ['0', '$.active', undefined],
    ['<html>', '$.active', undefined],
  ])('in %s at %s is %s', (body, path, active) => {
    expect(activeRequestsIn(body, path)).toBe(active);
  });
});
