// What is wrong with the acts of a restart in a registration, with the words that people are told.
import { describe, expect, it } from 'vitest';

import { downCauses } from '../../../lambdas/core/judging/down-causes.ts';
import { causes } from '../../../lambdas/core/model/observation.ts';
import { checkRegistration } from '../../../lambdas/core/registration/check-registration.ts';
import { everything, hook, mainStep } from '../../make/acts.ts';
import { makeDocument, makeService } from '../../make/service.ts';

const limits = {
  minIntervalSeconds: 10,
  allowedRanges: [],
  documents: ['Lamplighter-RestartLinux', 'Lamplighter-RestartWindows'],
  networks: ['public' as const],
  ecsState: true,
};
const faultsOf = (restart: object, probe: object = {}): readonly string[] => {
  const document = makeDocument({ restart: { steps: [mainStep], ...restart } });
  const checked = checkRegistration({ ...document, probe: { ...document.probe, ...probe } }, limits);
  return checked.kind === 'good' ? [] : checked.faults.map(({ path, message }) => `${path} ${message}`);
};
const { configuration } = everything;
const ifSeen = (...seen: string[]) => ({ steps: [{ ...mainStep, when: { causes: seen } }] });

describe('the acts of a registration', () => {
  it('may be all that there are', () => {
    expect(faultsOf(everything)).toEqual([]);
    expect(
      faultsOf({ steps: [], reload: { ...everything.reload, warmUpSeconds: 1, verifyTimeoutSeconds: 5 } }),
    ).toEqual([]);
  });

  it.each([
    ['restart.before', (step: object) => ({ before: step })],
    ['restart.after', (step: object) => ({ after: step })],
    ['restart.reload', (step: object) => ({ reload: step })],
    ['restart.rollback', (step: object) => ({ rollback: step })],
    ['restart.configuration.validate', (step: object) => ({ configuration: { ...configuration, validate: step } })],
    ['restart.configuration.backup', (step: object) => ({ configuration: { ...configuration, backup: step } })],
    ['restart.configuration.restore', (step: object) => ({ configuration: { ...configuration, restore: step } })],
  ])('are checked as steps are: %s', (path, at) => {
    expect(faultsOf(at({ ...hook('x'), document: 'AWS-RunShellScript' }))).toEqual([
      `${path}.document AWS-RunShellScript is not an allowed document; allowed are ${limits.documents.join(', ')}`,
    ]);
    const twoWays = { ...hook('x'), parameters: { unit: 'a', container: 'b' } };
    expect(faultsOf(at(twoWays))[0]).toContain(`${path}.parameters must name one way to restart`);
    expect(faultsOf(at({ ...hook('x'), timeoutSeconds: 89 }))[0]).toContain(
      `${path}.timeoutSeconds must be at least 90`,
    );
    // The script that bears the name of the act is a way.
    expect(faultsOf(at({ ...hook('x'), parameters: {} }))).toEqual([]);
    expect(faultsOf(at({ ...hook('x'), parametres: {} }))).toEqual([
      `${path}.parametres is not a known field; remove it or correct its name`,
    ]);
  });

  it('of ECS are for the way back and for steps, not for hooks', () => {
    expect(faultsOf({ before: mainStep })[0]).toBe('restart.before.kind must be ssm');
    expect(faultsOf({ rollback: { ...mainStep, action: 'rollback' } })).toEqual([]);
  });

  it('say nothing that nobody looks at', () => {
    const steps = { when: { causes: ['timeout'] }, warmUpSeconds: 1, verifyTimeoutSeconds: 9 };
    const chosen = 'is for restart.steps, of which one is chosen; leave it out';
    const verified = 'is for what is verified: a step of restart.steps, or restart.reload; leave it out';
    expect(faultsOf({ steps: [{ ...mainStep, ...steps }] })).toEqual([]);
    expect(faultsOf({ before: { ...hook('x'), ...steps } })).toEqual([
      `restart.before.when ${chosen}`,
      `restart.before.warmUpSeconds ${verified}`,
      `restart.before.verifyTimeoutSeconds ${verified}`,
    ]);
    expect(faultsOf({ rollback: { ...mainStep, warmUpSeconds: 0 } })).toEqual([
      `restart.rollback.warmUpSeconds ${verified}`,
    ]);
    expect(faultsOf({ reload: { ...hook('x'), ...steps } })).toEqual([`restart.reload.when ${chosen}`]);
  });

  it('are parts of a restart that can be', () => {
    const around = { ...everything, reload: undefined, steps: [] };
    const faults = (needs: string, ...names: string[]) =>
      names.map((name) => `restart.${name} is part of a restart, and there is none; add ${needs}, or leave it out`);
    expect(faultsOf(around)).toEqual([
      ...faults('restart.steps or restart.reload', 'before', 'after', 'configuration'),
      ...faults('restart.steps', 'drain', 'rollback'),
    ]);
    expect(faultsOf({ ...around, reload: everything.reload })).toEqual(faults('restart.steps', 'drain', 'rollback'));
    expect(faultsOf({ ...around, steps: [mainStep] })).toEqual([]);
    // Whoever turns restarts off for a while need not take them apart.
    expect(faultsOf({ ...around, steps: [mainStep], mode: 'off' })).toEqual([]);
  });

  it('take no more time together than three hours', () => {
    const longest = { ...mainStep, timeoutSeconds: 3_600, warmUpSeconds: 900, verifyTimeoutSeconds: 3_600 };
    expect(faultsOf({ steps: [longest] })).toEqual([]);
    // 8,100 s and six others: four hooks of 100 + 60 s, 300 s back, 40 s of waiting, and one that fills it up.
    const fits = { ...everything, after: hook('after', 1_660), configuration };
    const full = 8_100 + 4 * 160 + 1_720 + 300 + 40;
    expect(full).toBe(10_800);
    expect(faultsOf({ ...fits, steps: [mainStep, longest] })).toEqual([]);
    expect(faultsOf({ ...fits, after: hook('after', 1_661), steps: [mainStep, longest] })).toEqual([
      'restart.steps[1] may take 10801 s with its hooks, its verification and its way back, longer than the 10800 s that a restart may take; shorten their timeoutSeconds',
    ]);
    expect(faultsOf({ ...fits, after: hook('after', 1_661), steps: [longest], verifyTimeoutSeconds: 5 })).toHaveLength(
      1,
    );
  });

  it('leave the time that so many answers in a row need', () => {
    const faults = (restart: object, successThreshold: number, intervalSeconds = 60) => {
      const document = makeDocument({ policy: { successThreshold }, restart: { steps: [mainStep], ...restart } });
      const checked = checkRegistration({ ...document, probe: { ...document.probe, intervalSeconds } }, limits);
      return checked.kind === 'good' ? [] : checked.faults.map(({ path, message }) => `${path} ${message}`);
    };
    const words =
      'must be at least 15: a restart is verified by 4 answers in a row (policy.successThreshold), and is looked at every 5 s';
    expect(faults({ verifyTimeoutSeconds: 10 }, 4)).toEqual([`restart.verifyTimeoutSeconds ${words}`]);
    expect(faults({ verifyTimeoutSeconds: 14 }, 4, 10)).toEqual([`restart.verifyTimeoutSeconds ${words}`]);
    expect(faults({ verifyTimeoutSeconds: 15 }, 4)).toEqual([]);
    const own = { ...mainStep, verifyTimeoutSeconds: 10 };
    const reload = { ...everything.reload, verifyTimeoutSeconds: 14 };
    expect(faults({ steps: [mainStep, own], reload }, 4)).toEqual([
      `restart.steps[1].verifyTimeoutSeconds ${words}`,
      `restart.reload.verifyTimeoutSeconds ${words}`,
    ]);
    // Nothing is verified by it: every step has a time of its own, or there is no restart at all.
    expect(faults({ verifyTimeoutSeconds: 1, steps: [{ ...own, verifyTimeoutSeconds: 15 }] }, 4)).toEqual([]);
    expect(faults({ verifyTimeoutSeconds: 1, steps: [] }, 20)).toEqual([]);
    // The default is enough for every threshold that there is.
    expect(faults({}, 20)).toEqual([]);
  });

  it('ask for requests under way where a probe might ask, and carry no credential', () => {
    const drain = { activeRequestsUrl: 'http://169.254.169.254/active?token=x', headers: { authorization: 'x' } };
    const words = faultsOf({ drain }).map((fault) => fault.split(' ', 1)[0]);
    expect(words).toEqual([
      'restart.drain.activeRequestsUrl',
      'restart.drain.activeRequestsUrl',
      'restart.drain.headers.authorization',
    ]);
    expect(faultsOf({ drain: { activeRequestsUrl: 'active' } })[0]).toContain('must be a whole URL');
    expect(faultsOf({ drain: { ...everything.drain, timeoutSeconds: 301 } })).toEqual([
      'restart.drain.timeoutSeconds must be at most 300',
    ]);
  });
});

describe('when a step is taken', () => {
  it.each([
    [{}, ['timeout'], true],
    [{}, ['not_ready', 'wrong_status'], true],
    [{}, ['not_ready', 'too_slow'], false],
    [{}, ['own_trouble'], false],
    [{}, ['component_down'], false],
    [{ expect: { actuator: true } }, ['component_down'], true],
    [{}, ['overloaded'], false],
    [{ expect: { overload: 'slow' } }, ['overloaded'], false],
    [{ expect: { overload: 'down' } }, ['overloaded'], true],
  ])('an http probe with %j and the causes %j: $2', (probe, seen, isGood) => {
    const faults = faultsOf(ifSeen(...seen), probe);
    if (isGood) expect(faults).toEqual([]);
    else
      expect(faults).toEqual([
        expect.stringMatching(
          /^restart\.steps\[0\]\.when\.causes can never be seen by a probe of kind http, which is down by refused, /,
        ),
      ]);
  });

  it.each([
    [{ kind: 'tcp', host: 'a', port: 1 }, 'refused reset timeout name_unresolved unreachable'],
    [{ kind: 'tls', host: 'a' }, 'refused reset timeout name_unresolved unreachable tls_failed'],
    [{ kind: 'heartbeat' }, 'heartbeat_missing'],
    [{ kind: 'ecs', cluster: 'a', service: 'b' }, 'container_stopped container_error'],
  ] as const)('a probe of %j is down by %s', (probe, expected) => {
    expect(downCauses(makeService({ probe }).probe)).toEqual(expected.split(' '));
  });

  it('no cause is forgotten: each is seen with down by some probe, or never', () => {
    const all = [
      { kind: 'http', url: 'http://a', expect: { actuator: true, overload: 'down' } },
      { kind: 'heartbeat' },
      { kind: 'ecs', cluster: 'a', service: 'b' },
    ] as const;
    const seen = new Set(all.flatMap((probe) => downCauses(makeService({ probe }).probe)));
    expect(causes.filter((cause) => !seen.has(cause))).toEqual([
      ...[
        'none',
        'too_slow',
        'certificate_expiring',
        'not_ready',
        'address_refused',
        'secret_unavailable',
        'own_trouble',
      ],
    ]);
  });
});
