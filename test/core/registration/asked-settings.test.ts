// A registration with a few settings changed.
import { describe, expect, it } from 'vitest';

import { toService } from '../../../lambdas/core/model/service.ts';
import { type Asked, withAsked } from '../../../lambdas/core/registration/asked-settings.ts';
import { checkRegistration } from '../../../lambdas/core/registration/check-registration.ts';
import { type Document, makeRegistration } from '../../make/service.ts';

const limits = { minIntervalSeconds: 10, allowedRanges: [], documents: [], networks: ['public'] } as const;
const settled = (asked: Asked, policy: Document['policy'] = {}) =>
  toService(withAsked(makeRegistration({ policy }), asked)).policy;

describe('settings that are asked for', () => {
  it.each<[Asked, Document['policy'], object]>([
    [{}, {}, { failureThreshold: 3, successThreshold: 2, window: { failures: 3, of: 5 } }],
    [{ failureThreshold: 6 }, {}, { failureThreshold: 6, successThreshold: 2, window: { failures: 6, of: 8 } }],
    [{ failureThreshold: 2 }, { profile: 'critical', failureThreshold: 4 }, { failureThreshold: 2 }],
    [{ successThreshold: 5 }, { successThreshold: 1 }, { failureThreshold: 3, successThreshold: 5 }],
    [{ windowFailures: 4 }, {}, { window: { failures: 4, of: 5 } }],
    [{ windowOf: 9 }, {}, { window: { failures: 3, of: 9 } }],
    [{ windowOf: 9, failureThreshold: 5 }, {}, { window: { failures: 5, of: 9 } }],
    [{ windowFailures: 6, windowOf: 9 }, { window: { failures: 3, of: 4 } }, { window: { failures: 6, of: 9 } }],
    [{ failureThreshold: 4 }, { window: { failures: 5, of: 9 } }, { window: { failures: 5, of: 9 } }],
    [{ failureThreshold: 7 }, { window: { failures: 5, of: 9 } }, { window: { failures: 7, of: 11 } }],
    [{ failureThreshold: 7 }, { window: { failures: 5, of: 63 } }, { window: { failures: 7, of: 64 } }],
  ])('%j, over %j, come to %j', (asked, policy, expected) => {
    expect(settled(asked, policy)).toMatchObject(expected);
  });

  it('of interval and mode win over what is registered', () => {
    const service = toService(withAsked(makeRegistration(), { intervalSeconds: 300, mode: 'off' }));
    expect(service).toMatchObject({ probe: { intervalSeconds: 300 }, restart: { mode: 'off' } });
    expect(toService(withAsked(makeRegistration(), {}))).toEqual(toService(makeRegistration()));
  });

  it('leave a document that may be registered', () => {
    const document = makeRegistration({ policy: { window: { failures: 3, of: 3 } } });
    const changed = withAsked(document, { failureThreshold: 10 });
    expect(checkRegistration(changed, limits)).toMatchObject({
      kind: 'good',
      value: { policy: { failureThreshold: 10, window: { failures: 10, of: 10 } } },
    });
    expect(checkRegistration(withAsked(document, {}), limits)).toMatchObject({ kind: 'good', value: document });
  });
});
