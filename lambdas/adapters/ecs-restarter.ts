// Restarts an ECS service by the action that its step names. Services that must not be touched are refused here,
// whatever the action.
import type { ECSClient } from '@aws-sdk/client-ecs';

import type { EcsStep, ImageRule, RestartStep } from '../core/model/restart-spec.ts';
import type { Clock } from '../ports/process.ts';
import type { ImageSource, Inspection, Restarter } from '../ports/restarter.ts';
import type { EcsAction } from './ecs-action.ts';
import { type EcsService, isDaemon, isDeploying, primaryOf } from './ecs-answers.ts';
import { describeService, type EcsCall, nameOf } from './ecs-call.ts';
import { ecsEvidence } from './ecs-evidence.ts';
import { redeploy } from './ecs-redeploy.ts';
import { rollback } from './ecs-rollback.ts';
import { stopTasks } from './ecs-stop-tasks.ts';
import { RestartError } from './restart-error.ts';

const actions: Readonly<Record<EcsStep['action'], EcsAction>> = { redeploy, rollback, 'stop-tasks': stopTasks };
const GRADUAL = ['BLUE_GREEN', 'LINEAR', 'CANARY'];

/**
 * Restarts `step.service` by `step.action`. The client may retry reads; an order itself is sent at most once per call.
 */
export function createEcsRestarter({
  client,
  images = { digests: async () => await Promise.resolve(undefined) },
  clock = { now: Date.now },
}: {
  client: ECSClient;
  /** Without it, nothing is known about what a tag stands for. */
  images?: ImageSource;
  clock?: Clock;
}): Restarter {
  const at = (anyStep: RestartStep, signal: AbortSignal) => {
    const { cluster, service, action } = ecsOnly(anyStep);
    return { call: { client, cluster, service, signal }, action: actions[action] };
  };

  return {
    async inspect(anyStep, signal, priorHandle, rule: ImageRule = 'refuse') {
      const { call, action } = at(anyStep, signal);
      const service = await describeService(call);
      const touched = inspection(service, action, priorHandle);
      if (touched.kind === 'refused' || !service) return aboutIt(call, touched);
      return aboutIt(call, await action.inspect(call, { ...service, identity: touched.identity }, { images, rule }));
    },
    async evidence(anyStep, signal) {
      return await ecsEvidence(at(anyStep, signal).call);
    },
    async find(anyStep, order, signal) {
      const { call, action } = at(anyStep, signal);
      return await action.find(call, order);
    },
    async send(anyStep, order, signal) {
      const { call, action } = at(anyStep, signal);
      return await action.send(call, order);
    },
    async look(anyStep, order, signal) {
      const { call, action } = at(anyStep, signal);
      return await action.look(call, order, clock.now());
    },
  };
}

function ecsOnly(step: RestartStep): EcsStep {
  if (step.kind === 'ecs') return step;
  throw new RestartError(`a step of kind ${step.kind} is not for ECS`, { isTransient: false });
}

/** Completes a reason to a sentence. */
const aboutIt = (call: EcsCall, seen: Inspection): Inspection =>
  seen.kind === 'refused' ? { kind: 'refused', reason: `ECS service ${nameOf(call)} ${seen.reason}` } : seen;

function inspection(
  service: EcsService | undefined,
  { isDeployment }: EcsAction,
  priorHandle: string | undefined,
): Inspection {
  const refused = (reason: string): Inspection => ({ kind: 'refused', reason });
  if (!service) return refused('does not exist');
  if (service.status !== 'ACTIVE') return refused(`is ${service.status}: it was deleted`);
  if (service.desiredCount === 0)
    return refused(
      isDaemon(service) ? 'runs once on each host, and there is none for it' : 'is scaled to zero on purpose',
    );
  const { type } = service.deploymentController;
  if (type !== 'ECS') return refused(`is deployed by ${type}, which alone may start a deployment`);
  const { strategy } = service.deploymentConfiguration;
  if (isDeployment && GRADUAL.includes(strategy))
    return refused(`is deployed by ${strategy}: a restart would shift its whole traffic`);
  const primary = primaryOf(service);
  if (!primary) return refused('has no deployment to repeat');
  // Without a circuit breaker, a deployment of ours that never came up stays in progress for ever; waiting for it would
  // heal nothing.
  if (isDeploying(service, primary) && primary.id !== priorHandle) {
    const failed = service.deployments.find(({ id, rolloutState }) => id !== primary.id && rolloutState === 'FAILED');
    const what = failed ? `ECS rolls ${failed.id} back by ${primary.id}` : `a deployment is running (${primary.id})`;
    return refused(`is left alone: ${what}`);
  }
  return { kind: 'ready', identity: primary.id };
}
