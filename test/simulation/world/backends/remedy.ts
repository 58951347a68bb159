// What an order does to a service once it has worked: which remedy it is, derived from what really reaches the host or
// ECS.
import type { RestartStep } from '../../../../lambdas/core/model/restart-spec.ts';
import type { SimService } from '../sim-service.ts';

const scripts = ['before', 'validate', 'backup', 'reload', 'after', 'restore', 'rollback'] as const;
/** `new revision`: others deployed one. `restart`: what a restart document does if no script is named. */
export type Remedy = (typeof scripts)[number] | 'restart' | 'redeploy' | 'stop-tasks' | 'new revision';

/** The name of the script says what it is for; a step without one restarts. */
export function remedyOf(step: RestartStep): Remedy {
  if (step.kind === 'ecs') return step.action;
  const script = step.parameters['restartScript'] ?? '';
  return scripts.find((name) => script.includes(`/${name}_`)) ?? 'restart';
}

/** The remedy has worked. `now` is epoch ms of the world. */
export function works(remedy: Remedy, service: SimService, now: number): void {
  const { configuration } = service;
  switch (remedy) {
    case 'before':
    case 'validate':
      return;
    case 'backup':
      return configuration.save();
    case 'after':
      return configuration.bringsNew(service);
    case 'restore':
      return configuration.putBack(service, now);
    case 'reload':
      return service.isTreated(remedy, now);
    case 'rollback':
    case 'restart':
    case 'redeploy':
    case 'stop-tasks':
    case 'new revision':
      return service.isRestarted(remedy, now);
  }
}
