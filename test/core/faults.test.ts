// What is said of a value that may be of several kinds: what is wrong inside the kind that was meant, or which kinds there are.
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';

import { decode } from '../../lambdas/core/faults.ts';

const parts = z.strictObject({ names: z.optional(z.array(z.string())) });
const schema = z.strictObject({
  command: z.optional(z.union([z.string().check(z.minLength(1)), z.array(z.string())])),
  parts: z.optional(z.union([z.literal(true), parts])),
  count: z.optional(z.union([z.literal(0), z.literal(1)])),
  parents: z.optional(
    z.array(
      z.strictObject(
        { name: z.string(), age: z.optional(z.int('must be in whole years')) },
        'must be an object such as { "name": "Ada" }',
      ),
    ),
  ),
  deep: z.optional(z.union([z.number(), z.union([z.array(z.string()), parts])])),
});
const faultsOf = (input: unknown): readonly string[] => {
  const decoded = decode(schema, input);
  return decoded.kind === 'good' ? [] : decoded.faults.map(({ path, message }) => `${path} ${message}`);
};

describe('a value of several kinds', () => {
  it.each([
    [{ command: 5 }, 'command must be text or a list, not a number'],
    [{ command: '' }, 'command must not be empty'],
    [{ command: ['node', 5] }, 'command[1] must be text, not a number; put it in quotes'],
    [{ parts: 'all' }, 'parts must be true or an object, not text'],
    [{ parts: false }, 'parts must be true or an object, not false'],
    [{ parts: { names: 'db' } }, 'parts.names must be a list, not text'],
    [{ parts: { name: ['db'] } }, 'parts.name is not a known field; remove it or correct its name'],
    [{ count: 2 }, 'count must be one of 0, 1'],
    [{ deep: ['x', 5] }, 'deep[1] must be text, not a number; put it in quotes'],
    [{ deep: { names: [5] } }, 'deep.names[0] must be text, not a number; put it in quotes'],
  ])('is told of by what is wrong with it: %j', (input, expected) => {
    expect(faultsOf(input)).toEqual([expected]);
  });

  it('is good as any of them', () => {
    for (const input of [
      { command: 'x' },
      { command: ['x'] },
      { parts: true },
      { parts: {} },
      { count: 1 },
      { deep: 1 },
    ])
      expect(faultsOf(input)).toEqual([]);
  });
});

describe('a schema that says itself what it wants', () => {
  it.each([
    [{ parents: ['Ada'] }, 'parents[0] must be an object such as { "name": "Ada" }'],
    [{ parents: [{ name: 'Ada' }, null] }, 'parents[1] must be an object such as { "name": "Ada" }'],
    [{ parents: [{ name: 'Ada', age: 1.5 }] }, 'parents[0].age must be in whole years'],
  ])('is heard: %j', (input, expected) => {
    expect(faultsOf(input)).toEqual([expected]);
  });

  it.each([
    [{ parents: [{}] }, 'parents[0].name is missing; give text'],
    [{ parents: [{ name: 'Ada', kin: 1 }] }, 'parents[0].kin is not a known field; remove it or correct its name'],
    [{ parents: 'Ada' }, 'parents must be a list, not text'],
  ])('is not heard of what is wrong inside it or around it: %j', (input, expected) => {
    expect(faultsOf(input)).toEqual([expected]);
  });
});
