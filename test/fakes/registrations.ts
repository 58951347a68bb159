// Registrations for the tests: whole by default, changed by what a test is about.
import { type Registration, registrationSchema } from '../../lambdas/core/model/service.ts';

export const ecsStep = { kind: 'ecs', cluster: 'prod', service: 'billing' };
export const ssmStep = {
  kind: 'ssm',
  document: 'Lamplighter-RestartLinux',
  instanceIds: ['i-0abc'],
  parameters: { unit: 'billing' },
};

/** A service probed every minute over TCP, without retries and, unless steps are given, without restarts. */
export function registration(more: Readonly<Record<string, unknown>> = {}): Registration {
  return registrationSchema.parse({
    id: 'billing',
    probe: { kind: 'tcp', host: 'billing.example.com', port: 443, retries: 0 },
    ...more,
  });
}
