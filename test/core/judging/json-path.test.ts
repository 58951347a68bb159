// Which value of an answer a path names, and which it must not reach.
import { expect, it } from 'vitest';

import { valueAt } from '../../../lambdas/core/judging/json-path.ts';

const answer = {
  status: 'UP',
  components: { db: { status: 'DOWN' } },
  items: [{ ok: true }, { ok: false }],
  'odd name': null,
  'a.b': { 'c-d': 7 },
  __proto__: undefined,
};

it.each([
  ['$', answer],
  ['$.status', 'UP'],
  ['$.components.db.status', 'DOWN'],
  ['$.items[1].ok', false],
  ["$['odd name']", null],
  ["$['a.b'].c-d", 7],
  ["$['components']['db'].status", 'DOWN'],
])('%s names the value', (path, value) => {
  expect(valueAt(answer, path)).toEqual(value);
});

it.each(['$.absent', '$.absent.deeper', '$.items[2]', '$.items[2].ok', '$.status[0]', '$[0]', "$['odd name'].x"])(
  '%s names nothing',
  (path) => {
    expect(valueAt(answer, path)).toBeUndefined();
  },
);

it.each(['$.constructor', '$.toString', '$.__proto__.x', '$.items.length', '$.items.map', '$.status.length'])(
  '%s reaches nothing that JavaScript itself brought along',
  (path) => {
    expect(valueAt(answer, path)).toBeUndefined();
  },
);

it('a member that the service itself called __proto__ is found', () => {
  expect(valueAt(JSON.parse('{"__proto__":{"x":1}}'), '$.__proto__.x')).toBe(1);
});
