// A restart policy with everything around the step, for tests of hooks, configuration, waiting and the way back.
import { ssmStep } from './service.ts';

export const mainStep = { kind: 'ecs', cluster: 'prod', service: 'billing', timeoutSeconds: 300 } as const;
/** A script on a host, told apart by its name. */
export const hook = (name: string, timeoutSeconds = 100) => ({
  ...ssmStep,
  instanceIds: ['i-0abc'],
  parameters: { restartScript: `/opt/${name}.sh` },
  timeoutSeconds,
});

export const everything = {
  before: hook('before'),
  configuration: { validate: hook('validate'), backup: hook('backup'), restore: hook('restore') },
  drain: { activeRequestsUrl: 'https://billing.example.com/active', timeoutSeconds: 40 },
  after: hook('after'),
  reload: hook('reload'),
  rollback: { ...mainStep, action: 'rollback' as const },
};
