import fc from 'fast-check';
import { expect, it } from 'vitest';

import { canonicalJson } from '../../lambdas/contract/canonical-json.ts';

it('sorts keys at every depth and leaves lists in their order', () => {
  expect(canonicalJson({ b: [3, { d: null, c: true }], a: 'x"\n' })).toBe(
    '{"a":"x\\"\\n","b":[3,{"c":true,"d":null}]}',
  );
});

it('says the same as JSON does, and the same again', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain = JSON.parse(JSON.stringify(value));
      const text = canonicalJson(plain);
      expect(JSON.parse(text)).toEqual(plain);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
});

it('is the same whatever the order of keys, and another for another value', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const turned = Object.fromEntries(Object.entries(object).reverse());
      expect(canonicalJson(turned)).toBe(canonicalJson(object));
      expect(canonicalJson({ ...object, extra: [object] })).not.toBe(canonicalJson(object));
    }),
  );
});
