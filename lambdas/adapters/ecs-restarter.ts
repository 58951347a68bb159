// Restarts an ECS service by forcing a new deployment of what it already runs; changes nothing else about it. A
// deployment of our own is followed by its id, so somebody else's success is never taken for ours.
import { DescribeServicesCommand, type ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';

import type { EcsStep, RestartStep } from '../core/restart-spec.ts';
import type { Clock, Inspection, Progress, Restarter, RestartOrder } from '../ports.ts';
import { atMostOnce } from './at-most-once.ts';
import {
  describeServicesAnswer,
  type EcsDeployment,
  type EcsService,
  primaryOf,
  updateServiceAnswer,
} from './ecs-answers.ts';
import { RestartError, toRestartError } from './restart-error.ts';

/** How far AWS's clock may lie behind ours when a deployment is matched to an order by time. */
const CLOCK_SKEW_MS = 5_000;
/** ECS reads may lag behind writes: for so long a deployment that cannot be seen yet is not taken for superseded. */
const VISIBLE_WITHIN_MS = 30_000;
const GRADUAL = ['BLUE_GREEN', 'LINEAR', 'CANARY'];

/** A fresh forced deployment of `step.service`. The client may retry reads; the order itself leaves at most once per call. */
export function createEcsRestarter({
  client,
  clock = { now: Date.now },
}: {
  client: ECSClient;
  clock?: Clock;
}): Restarter {
  async function describe(step: EcsStep, signal: AbortSignal): Promise<EcsService | undefined> {
    try {
      const command = new DescribeServicesCommand({ cluster: step.cluster, services: [step.service] });
      return describeServicesAnswer.parse(await client.send(command, { abortSignal: signal })).services[0];
    } catch (error) {
      if (error instanceof Error && error.name === 'ClusterNotFoundException') return undefined;
      throw toRestartError(`DescribeServices ${nameOf(step)}`, error);
    }
  }

  return {
    async inspect(anyStep, signal, priorHandle) {
      const step = ecsOnly(anyStep);
      return inspection(nameOf(step), await describe(step, signal), priorHandle);
    },

    async find(anyStep, order, signal) {
      const service = await describe(ecsOnly(anyStep), signal);
      const since = order.begunAt - CLOCK_SKEW_MS;
      return service?.deployments
        .filter(({ id, createdAt }) => id !== order.before && createdAt !== undefined && createdAt.getTime() >= since)
        .sort((a, b) => Number(b.createdAt) - Number(a.createdAt))[0]?.id;
    },

    async send(anyStep, _order, signal) {
      const step = ecsOnly(anyStep);
      const what = `UpdateService ${nameOf(step)}`;
      const service = updateServiceAnswer.safeParse(await forceDeployment(client, step, what, signal)).data?.service;
      const handle = service && primaryOf(service)?.id;
      // Transient: it was taken, so `find` will see it.
      if (handle === undefined)
        throw new RestartError(`${what}: the answer names no deployment`, { isTransient: true });
      return handle;
    },

    async look(anyStep, order, signal) {
      const step = ecsOnly(anyStep);
      return progress(nameOf(step), await describe(step, signal), order, clock.now());
    },
  };
}

const nameOf = (step: EcsStep) => `${step.cluster}/${step.service}`;

function ecsOnly(step: RestartStep): EcsStep {
  if (step.kind === 'ecs') return step;
  throw new RestartError(`a step of kind ${step.kind} is not for ECS`, { isTransient: false });
}

/** UpdateService has no idempotency token: were it repeated, the service would be deployed twice. */
async function forceDeployment(client: ECSClient, step: EcsStep, what: string, signal: AbortSignal): Promise<unknown> {
  const command = new UpdateServiceCommand({ cluster: step.cluster, service: step.service, forceNewDeployment: true });
  try {
    return await atMostOnce(command, () => client.send(command, { abortSignal: signal }));
  } catch (error) {
    throw toRestartError(what, error);
  }
}

function inspection(name: string, service: EcsService | undefined, priorHandle: string | undefined): Inspection {
  const refused = (reason: string): Inspection => ({ kind: 'refused', reason: `ECS service ${name} ${reason}` });
  if (!service) return refused('does not exist');
  if (service.status !== 'ACTIVE') return refused(`is ${service.status}: it was deleted`);
  if (service.desiredCount === 0) return refused('is scaled to zero on purpose');
  const { type } = service.deploymentController;
  if (type !== 'ECS') return refused(`is deployed by ${type}, which alone may start a deployment`);
  const { strategy } = service.deploymentConfiguration;
  if (GRADUAL.includes(strategy)) return refused(`is deployed by ${strategy}: a restart would shift its whole traffic`);
  const primary = primaryOf(service);
  if (!primary) return refused('has no deployment to repeat');
  // Without a circuit breaker a deployment of ours that never came up stays so for ever; waiting for it would heal nothing.
  if (primary.rolloutState === 'IN_PROGRESS' && primary.id !== priorHandle)
    return refused(`is left alone: a deployment is running (${primary.id})`);
  return { kind: 'ready', identity: primary.id };
}

type SentOrder = RestartOrder & { handle: string };

function progress(name: string, service: EcsService | undefined, order: SentOrder, now: number): Progress {
  const failed = (reason: string): Progress => ({ kind: 'failed', reason: `ECS service ${name}: ${reason}` });
  if (!service || service.status !== 'ACTIVE') return failed('it was deleted during the restart');
  const ours = service.deployments.find(({ id }) => id === order.handle);
  const primary = primaryOf(service);
  if (ours?.rolloutState === 'FAILED') return failed(ours.rolloutStateReason ?? `deployment ${ours.id} failed`);
  if (!ours && primary?.id === order.before && now - order.begunAt < VISIBLE_WITHIN_MS) {
    return { kind: 'running', detail: 'the deployment is not visible yet' };
  }
  if (!ours || ours.id !== primary?.id) {
    return failed(`deployment ${order.handle} was superseded by ${primary?.id ?? 'none'}`);
  }
  if (service.desiredCount === 0) return failed('it was scaled to zero during the restart');
  const detail = `${ours.runningCount} of ${service.desiredCount} tasks run`;
  return isDone(ours, service.desiredCount)
    ? { kind: 'changed', identity: ours.id, detail }
    : { kind: 'running', detail };
}

/** Services behind a Classic Load Balancer have no rollout state; there the count of tasks alone must do. */
const isDone = ({ rolloutState = 'COMPLETED', runningCount }: EcsDeployment, wanted: number) =>
  rolloutState === 'COMPLETED' && runningCount === wanted;
