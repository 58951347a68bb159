import { describe, expect, it } from 'vitest';

import { remembered } from '../../../lambdas/core/values/remembered.ts';

describe('what is remembered', () => {
  it('is reckoned once of each object, also where it is nothing', () => {
    const asked: string[] = [];
    const lengthOf = remembered(({ text }: { text: string }) => {
      asked.push(text);
      return text.length;
    });
    const [one, empty] = [{ text: 'one' }, { text: '' }];
    expect([one, empty, one, empty].map(lengthOf)).toEqual([3, 0, 3, 0]);
    expect(asked).toEqual(['one', '']);
  });

  it('is not that of another object that looks the same', () => {
    const itself = remembered((of: object) => ({ of }));
    const [one, other] = [{}, {}];
    expect(itself(one)).toBe(itself(one));
    expect(itself(other)).not.toBe(itself(one));
  });
});
