// Whether trying again can help, and the end of closed unions.
import { describe, expect, it } from 'vitest';

import { assertNever, isPermanent } from '../../lambdas/core/result.ts';

describe('an error', () => {
  it.each([
    ['that says it is not transient', Object.assign(new Error('x'), { isTransient: false }), true],
    ['that says it is transient', Object.assign(new Error('x'), { isTransient: true }), false],
    ['that does not say', new Error('x'), false],
    ['that is none', { isTransient: false }, false],
  ])('%s: permanent is %s', (_, error, expected) => {
    expect(isPermanent(error)).toBe(expected);
  });
});

describe('a case that nobody handles', () => {
  it('is a fault that shows the case', () => {
    expect(() => assertNever({ kind: 'odd' } as never)).toThrow(new TypeError('unhandled case: {"kind":"odd"}'));
  });
});
