// Services and registrations for tests: small, valid, and different only where a test says so.
import type * as z from 'zod';

import { type Registration, registrationSchema, type Service, toService } from '../../lambdas/core/model/service.ts';

export type Document = z.input<typeof registrationSchema>;

export const ecsStep = { kind: 'ecs', cluster: 'prod', service: 'billing' } as const;
export const ssmStep = {
  kind: 'ssm' as const,
  document: 'Lamplighter-RestartLinux',
  instanceIds: ['i-0abc', 'i-0def'],
  parameters: { unit: 'billing' },
};

/** A registration as people write it: an HTTP service that is restarted by ECS. */
export function makeDocument(change: Partial<Document> = {}): Document {
  return {
    id: 'billing-api',
    name: 'Billing API',
    probe: { kind: 'http', url: 'https://billing.example.com/health' },
    restart: { steps: [ecsStep] },
    ...change,
  };
}

export const makeRegistration = (change: Partial<Document> = {}): Registration =>
  registrationSchema.parse(makeDocument(change));

/** Unhealthy after three downs in a row, healthy after two ups, a beat per minute, unless `change` says otherwise. */
export const makeService = (change: Partial<Document> = {}): Service => toService(makeRegistration(change));
