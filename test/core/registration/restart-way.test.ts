// What a step comes to that does not say how its service is restarted.
import { describe, expect, it } from 'vitest';

import { configurationDocument, linuxDocument, windowsDocument } from '../../../lambdas/contract/restart-documents.ts';
import { settleStep, standardDocument } from '../../../lambdas/core/registration/restart-way.ts';
import { serviceView } from '../../../lambdas/core/views/status-view.ts';
import { ecsStep, makeRegistration, makeService, ssmStep } from '../../make/service.ts';
import { makeState } from '../../make/state.ts';

const ssm = (change: object) => ({ ...ssmStep, timeoutSeconds: 120, ...change });

describe('a step', () => {
  it.each([
    [linuxDocument.name, '/opt/lamplighter/restart_billing.sh'],
    [windowsDocument.name, 'C:\\lamplighter\\restart_billing.ps1'],
  ])('of %s that names no way is carried out by %s', (document, restartScript) => {
    const step = ssm({ document, parameters: { port: '8080' } });
    expect(settleStep(step, 'billing')).toEqual({ ...step, parameters: { port: '8080', restartScript } });
  });

  it.each([
    ...linuxDocument.ways.map((way) => [linuxDocument.name, way] as const),
    ...windowsDocument.ways.map((way) => [windowsDocument.name, way] as const),
  ])('of %s that names %s is left as it is, be its value empty', (document, way) => {
    for (const value of ['x', '']) {
      const step = ssm({ document, parameters: { [way]: value } });
      expect(settleStep(step, 'billing')).toBe(step);
    }
  });

  it('of another document, or of ECS, has no such script', () => {
    const foreign = ssm({ document: 'Acme-Restart', parameters: {} });
    const ecs = { ...ecsStep, action: 'redeploy', timeoutSeconds: 900 } as const;
    for (const step of [foreign, ecs]) expect(settleStep(step, 'billing')).toBe(step);
    expect(standardDocument('Acme-Restart')).toBeUndefined();
  });

  it.each([linuxDocument, windowsDocument])(
    'of $name gets a path that it takes, from the longest id too',
    (document) => {
      const settled = settleStep(ssm({ document: document.name, parameters: {} }), `a${'-9'.repeat(31)}`);
      const { restartScript } = settled.kind === 'ssm' ? settled.parameters : {};
      expect(restartScript).toMatch(new RegExp(document.parameters['restartScript']!.allowedPattern));
      expect(restartScript).toContain('-9');
    },
  );
});

describe('the place of a step', () => {
  const settled = (step: object) => {
    const { restart } = makeService({ restart: { steps: [ecsStep], ...step } });
    return restart;
  };

  it('says to reload what is named under reload', () => {
    expect(settled({ reload: ssmStep }).reload).toMatchObject({ parameters: { unit: 'billing', mode: 'reload' } });
    const windows = {
      ...ssmStep,
      document: windowsDocument.name,
      parameters: { serviceName: 'W3SVC', mode: 'restart' },
    };
    // What people say is left as it is, and refused elsewhere.
    expect(settled({ reload: windows }).reload?.parameters).toEqual(windows.parameters);
    expect(settled({ before: ssmStep }).before?.parameters).toEqual(ssmStep.parameters);
  });

  it('says to reload by the script that bears the id, where no way is named', () => {
    expect(settled({ reload: { ...ssmStep, parameters: {} } }).reload?.parameters).toEqual({
      mode: 'reload',
      restartScript: '/opt/lamplighter/reload_billing-api.sh',
    });
  });

  it('gives a way back its own script', () => {
    expect(settled({ rollback: { ...ssmStep, parameters: {} } }).rollback).toMatchObject({
      parameters: { restartScript: '/opt/lamplighter/rollback_billing-api.sh' },
    });
  });

  it('says what is to be done with the configuration', () => {
    const keep = (parameters: object) => ({ ...ssmStep, document: configurationDocument.name, parameters });
    const configuration = {
      validate: keep({ checkScript: '/opt/check.sh' }),
      backup: keep({ path: '/etc/billing' }),
      restore: keep({ path: '/etc/billing' }),
    };
    expect(settled({ configuration }).configuration).toMatchObject({
      validate: { parameters: { action: 'validate', checkScript: '/opt/check.sh' } },
      backup: { parameters: { action: 'backup', path: '/etc/billing' } },
      restore: { parameters: { action: 'restore', path: '/etc/billing' } },
    });
  });
});

describe('a service without a way', () => {
  const restart = { steps: [ecsStep, { ...ssmStep, parameters: {} }] };

  it('works with the script, and shows it', () => {
    const service = makeService({ restart });
    const parameters = { restartScript: '/opt/lamplighter/restart_billing-api.sh' };
    expect(service.restart.steps).toMatchObject([{ kind: 'ecs' }, { kind: 'ssm', parameters }]);
    const document = makeRegistration({ restart });
    const view = serviceView(document, service, makeState(), {}, 0);
    expect(view.settings.restart.steps[1]).toMatchObject({ parameters });
    // What people wrote stays as they wrote it.
    expect(view.spec.restart.steps[1]).toMatchObject({ parameters: {} });
  });
});
