import { describe, expect, it } from 'vitest';

import { hasNewRhythm } from '../../../lambdas/core/registration/new-rhythm.ts';
import { makeRegistration } from '../../make/service.ts';

const http = makeRegistration();
const every = (intervalSeconds: number, graceSeconds = 30) =>
  makeRegistration({ probe: { kind: 'heartbeat', intervalSeconds, graceSeconds } });

describe('a heartbeat is expected anew', () => {
  it.each([
    ['of a service that was probed', http, every(60), true],
    ['more often', every(3_600), every(60), true],
    ['with less grace', every(60, 60), every(60, 30), true],
    ['of one of which it is not known what was asked', undefined, every(60), true],
    ['not when all is as it was', every(60), every(60), false],
    ['not when it has more time', every(60), every(3_600), false],
    ['not of a service that is probed now', every(60), http, false],
    ['not of one that never reports itself', http, http, false],
  ])('%s', (_, before, after, expected) => {
    expect(hasNewRhythm(before, after)).toBe(expected);
  });
});
