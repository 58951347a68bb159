import { describe, expect, it } from 'vitest';

import { readFilterPolicy } from '../../local/aws/sns/filter-policy.ts';

const isMatch = (policy: object, content: object) =>
  readFilterPolicy(JSON.stringify(policy), 'MessageAttributes')(content);

describe('a filter policy', () => {
  it.each([
    ['an exact text', { level: ['error'] }, { level: 'error' }, { level: 'warning' }],
    ['one of several texts', { level: ['error', 'critical'] }, { level: 'critical' }, { level: 'info' }],
    ['every name', { level: ['error'], team: ['a'] }, { level: 'error', team: 'a' }, { level: 'error', team: 'b' }],
    ['a name that must be there', { level: ['error'] }, { level: 'error' }, {}],
    ['any member of a list', { tags: ['x'] }, { tags: ['w', 'x'] }, { tags: ['w'] }],
    ['a number, not its text', { count: [3] }, { count: 3 }, { count: '3' }],
    ['true, false and null', { on: [true, null] }, { on: null }, { on: false }],
    ['a prefix', { service: [{ prefix: 'bill' }] }, { service: 'billing' }, { service: 'ledger-bill' }],
    ['a suffix', { service: [{ suffix: '-api' }] }, { service: 'billing-api' }, { service: 'api-billing' }],
    ['a text in any case', { team: [{ 'equals-ignore-case': 'Ops' }] }, { team: 'oPS' }, { team: 'op' }],
    ['anything but a text', { level: [{ 'anything-but': 'info' }] }, { level: 'error' }, { level: 'info' }],
    ['anything but a missing value', { level: [{ 'anything-but': 'info' }] }, { level: 'error' }, {}],
    ['anything but several', { n: [{ 'anything-but': [1, 2] }] }, { n: 3 }, { n: 2 }],
    ['anything but a prefix', { s: [{ 'anything-but': { prefix: 'x' } }] }, { s: 'ax' }, { s: 'xa' }],
    ['anything but a suffix', { s: [{ 'anything-but': { suffix: 'x' } }] }, { s: 'xa' }, { s: 'ax' }],
    ['what exists', { level: [{ exists: true }] }, { level: 'x' }, { other: 'x' }],
    ['what does not exist', { level: [{ exists: false }] }, { other: 'x' }, { level: 'x' }],
    ['a number that equals', { n: [{ numeric: ['=', 5] }] }, { n: 5 }, { n: 6 }],
    ['a range without its end', { n: [{ numeric: ['>=', 1, '<', 5] }] }, { n: 1 }, { n: 5 }],
    ['a range without its start', { n: [{ numeric: ['>', 1, '<=', 5] }] }, { n: 5 }, { n: 1 }],
    ['numbers only', { n: [{ numeric: ['>', 1] }] }, { n: 2 }, { n: '2' }],
    ['one of two policies', { $or: [{ a: ['1'] }, { b: ['1'] }] }, { a: '0', b: '1' }, { a: '0', b: '0' }],
    ['one of two, and a third', { c: ['1'], $or: [{ a: ['1'] }, { b: ['1'] }] }, { a: '1', c: '1' }, { a: '1' }],
  ])('lets through %s', (_, policy, wanted, unwanted) => {
    expect(isMatch(policy, wanted)).toBe(true);
    expect(isMatch(policy, unwanted)).toBe(false);
  });

  it('without names lets everything through', () => {
    expect(isMatch({}, {})).toBe(true);
  });

  it('looks into nested bodies', () => {
    const nested = readFilterPolicy('{"service":{"tags":{"team":["ops"]}}}', 'MessageBody');
    expect(nested({ service: { tags: { team: 'ops' } } })).toBe(true);
    expect(nested({ service: [{ tags: { team: 'dev' } }, { tags: { team: 'ops' } }] })).toBe(true);
    expect(nested({ service: { tags: 'ops' } })).toBe(false);
    expect(nested('no object')).toBe(false);
  });

  it.each([
    ['{', 'failed to parse JSON'],
    ['[]', 'the policy must be an object'],
    ['{"a":"x"}', 'a must be an array'],
    ['{"a":{"b":["x"]}}', 'a must be an array'],
    ['{"a":[]}', 'a: an empty array matches nothing'],
    ['{"a":[{"wildcard":"x*"}]}', 'a: Unrecognized match type wildcard'],
    ['{"a":[{"prefix":1}]}', 'a: prefix has a value that it does not take'],
    ['{"a":[{"numeric":["~",1]}]}', 'a: numeric has a value that it does not take'],
    ['{"a":[{"anything-but":[]}]}', 'a: anything-but has a value that it does not take'],
    ['{"a":[{"prefix":"x","suffix":"y"}]}', 'a: one operator is expected'],
    ['{"$or":[{"a":["x"]}]}', '$or must be an array of at least two objects'],
    ['{"$or":[{"a":["x"]},{"b":"x"}]}', '$or[1].b must be an array'],
  ])('that reads %s is refused', (text, message) => {
    expect(() => readFilterPolicy(text, 'MessageAttributes')).toThrow(message);
    expect(() => readFilterPolicy(text, 'MessageAttributes')).toThrow(
      expect.objectContaining({ code: 'InvalidParameter' }),
    );
  });
});
