// Deployments that we order: ordered once, found again, and followed by id, so that the success of another deployment
// is never taken for ours.
import { UpdateServiceCommand, type UpdateServiceCommandInput } from '@aws-sdk/client-ecs';

import { type Revision, revisionOf } from '../core/restart/previous-revision.ts';
import type { Progress, RestartOrder, SentOrder } from '../ports/restarter.ts';
import { atMostOnce } from './at-most-once.ts';
import { type EcsDeployment, type EcsService, isDeploying, primaryOf, updateServiceAnswer } from './ecs-answers.ts';
import { describeService, type EcsCall, nameOf } from './ecs-call.ts';
import { orFault, RestartError } from './restart-error.ts';

/** How far AWS's clock may be behind ours when a deployment is matched to an order by time. */
const CLOCK_SKEW_MS = 5_000;
/**
 * ECS reads may lag behind writes: for this long, a deployment that cannot be seen yet does not count as superseded.
 */
const VISIBLE_WITHIN_MS = 30_000;

/**
 * The deployment that the order led to: newer than the order, not the one from before, and of a revision that such an
 * order may lead to (`mayLead`) from the earlier one, if ECS still shows that. A deployment by others must not be taken
 * for ours: it would be deployed over, or rolled back, if the service is not verified.
 */
export async function findDeployment(
  call: EcsCall,
  order: RestartOrder,
  mayLead: (to: Revision, from: Revision) => boolean,
): Promise<string | undefined> {
  const service = await describeService(call);
  const since = order.begunAt - CLOCK_SKEW_MS;
  const from = revisionIn(service?.deployments.find(({ id }) => id === order.before));
  const isPossible = (to: Revision | undefined) => !from || !to || (to.family === from.family && mayLead(to, from));
  return service?.deployments
    .filter(({ id, createdAt }) => id !== order.before && createdAt !== undefined && createdAt.getTime() >= since)
    .filter((deployment) => isPossible(revisionIn(deployment)))
    .sort((a, b) => Number(b.createdAt) - Number(a.createdAt))[0]?.id;
}

const revisionIn = (deployment: EcsDeployment | undefined): Revision | undefined =>
  revisionOf(deployment?.taskDefinition ?? '');

/** Orders a deployment and returns its id. UpdateService has no idempotency token: repeating it would make two. */
export async function deploy(
  call: EcsCall,
  change: Pick<UpdateServiceCommandInput, 'forceNewDeployment' | 'taskDefinition'>,
): Promise<string> {
  const { client, cluster, service: name, signal } = call;
  const what = `UpdateService ${nameOf(call)}`;
  const command = new UpdateServiceCommand({ cluster, service: name, ...change });
  const answer = await orFault(what, () => atMostOnce(command, () => client.send(command, { abortSignal: signal })));
  const service = updateServiceAnswer.safeParse(answer).data?.service;
  const handle = service && primaryOf(service)?.id;
  // Transient: the order was taken, so `find` will see it.
  if (handle === undefined) throw new RestartError(`${what}: the answer names no deployment`, { isTransient: true });
  return handle;
}

/** How far the deployment `order.handle` has come. */
export async function followDeployment(call: EcsCall, order: SentOrder, now: number): Promise<Progress> {
  return progress(nameOf(call), await describeService(call), order, now);
}

function progress(name: string, service: EcsService | undefined, order: SentOrder, now: number): Progress {
  const failed = (reason: string): Progress => ({ kind: 'failed', reason: `ECS service ${name}: ${reason}` });
  if (!service || service.status !== 'ACTIVE') return failed('it was deleted during the restart');
  const ours = service.deployments.find(({ id }) => id === order.handle);
  const primary = primaryOf(service);
  if (ours?.rolloutState === 'FAILED') return failed(ours.rolloutStateReason ?? `deployment ${ours.id} failed`);
  if (!ours && primary?.id === order.before && now - order.sentAt < VISIBLE_WITHIN_MS) {
    return { kind: 'running', detail: 'the deployment is not visible yet' };
  }
  if (!ours || ours.id !== primary?.id) {
    return failed(`deployment ${order.handle} was superseded by ${primary?.id ?? 'none'}`);
  }
  if (service.desiredCount === 0) return failed('it was scaled to zero during the restart');
  const detail = `${ours.runningCount} of ${service.desiredCount} tasks run`;
  return isDone(service, ours) ? { kind: 'changed', identity: ours.id, detail } : { kind: 'running', detail };
}

const isDone = (service: EcsService, ours: EcsDeployment): boolean =>
  !isDeploying(service, ours) && ours.runningCount === service.desiredCount;
