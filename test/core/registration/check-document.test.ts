// What the steps around a restart are told to mend: by the rules that their documents hold on the host.
import { describe, expect, it } from 'vitest';

import { STANDARD_DOCUMENTS } from '../../../lambdas/core/model/restart-spec.ts';
import { checkRegistration, type Limits } from '../../../lambdas/core/registration/check-registration.ts';
import { ecsStep, makeDocument, ssmStep } from '../../make/service.ts';

const limits: Limits = {
  minIntervalSeconds: 10,
  allowedRanges: [],
  documents: STANDARD_DOCUMENTS,
  networks: ['public'],
};
const faultsOf = (restart: object): readonly string[] => {
  const checked = checkRegistration({ ...makeDocument(), restart: { steps: [ecsStep], ...restart } }, limits);
  return checked.kind === 'good' ? [] : checked.faults.map(({ path, message }) => `${path} ${message}`);
};

const keep = (parameters: object) => ({ ...ssmStep, document: 'Lamplighter-ConfigurationLinux', parameters });
const path = '/etc/billing';
const both = { backup: keep({ path }), restore: keep({ path }) };
const kept = (changes: object) => ({ configuration: { ...both, ...changes } });
const linux = (parameters: object) => ({ ...ssmStep, parameters });

describe('the steps around a restart', () => {
  it.each([
    [kept({})],
    [kept({ validate: keep({ checkScript: '/opt/check.sh' }) })],
    [kept({ validate: keep({ checkScript: '/opt/check.sh', path, checkTimeoutSeconds: '110' }) })],
    [kept({ backup: keep({ path, action: 'backup' }) })],
    [kept({ backup: linux({}), restore: linux({ restartScript: '/opt/restore.sh' }) })],
    [{ before: keep({ action: 'validate', checkScript: '/opt/check.sh' }) }],
    [{ reload: linux({ unit: 'billing' }), before: linux({}), after: linux({ restartScript: '/opt/after.sh' }) }],
    [{ reload: linux({}) }],
    [{ steps: [linux({ unit: 'billing', mode: 'reload' }), ecsStep] }],
  ])('(%#) are good', (restart) => {
    expect(faultsOf(restart)).toEqual([]);
  });

  it.each<[restart: object, ...faults: string[]]>([
    [
      kept({ backup: keep({}) }),
      'restart.configuration.backup.parameters.path is missing; it says of what backup is to be done',
    ],
    [
      kept({ backup: keep({ path, action: 'restore' }) }),
      'restart.configuration.backup.parameters.action must be backup here; leave it out',
    ],
    [
      kept({ restore: keep({ path, checkScript: '/opt/check.sh' }) }),
      'restart.configuration.restore.parameters.checkScript is for validate, not for restore; leave it out',
    ],
    [
      kept({ validate: keep({ path }) }),
      'restart.configuration.validate.parameters.checkScript is missing; it says whether the configuration is valid',
    ],
    [
      kept({ backup: keep({ path: '/etc' }) }),
      'restart.configuration.backup.parameters.path is not what Lamplighter-ConfigurationLinux takes (Absolute path of the file or folder, at least two names deep): it must match ^(|(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}){2,12})$',
    ],
    [
      kept({ backup: keep({ path: `/a/${'b'.repeat(99)}/${'c'.repeat(98)}` }) }),
      'restart.configuration.backup.parameters.path must have at most 200 characters',
    ],
    [
      kept({ backup: keep({ path, restartId: 'rst-1' }) }),
      'restart.configuration.backup.parameters.restartId is set by Lamplighter; leave it out',
    ],
    [
      kept({ backup: keep({ path, unit: 'x' }) }),
      'restart.configuration.backup.parameters.unit is not a parameter of Lamplighter-ConfigurationLinux; it takes action, path, checkScript, checkTimeoutSeconds',
    ],
    [
      kept({ validate: keep({ checkScript: '/opt/check.sh', checkTimeoutSeconds: '111' }) }),
      'restart.configuration.validate.timeoutSeconds must be at least 121: checkTimeoutSeconds (111) and 10 s to spare; lengthen it, or shorten those',
    ],
    [{ before: keep({ path }) }, 'restart.before.parameters.action is missing; give backup, validate or restore'],
    [
      { reload: linux({ unit: 'billing', mode: 'restart' }) },
      'restart.reload.parameters.mode must be reload here; leave it out',
    ],
    [
      { reload: linux({ startScript: '/opt/start.sh', port: '80' }) },
      'restart.reload.parameters.startScript can only start; give another way, or a step that restarts',
    ],
    [
      { reload: linux({ unit: 'billing', mode: 'kill' }) },
      'restart.reload.parameters.mode is not what Lamplighter-RestartLinux takes (restart; or reload, by which what runs reads its configuration anew): it must match ^(restart|reload)$',
      'restart.reload.parameters.mode must be reload here; leave it out',
    ],
  ])('(%#) are told what to mend', (restart, ...faults) => {
    expect(faultsOf(restart)).toEqual(faults);
  });
});
