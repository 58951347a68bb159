// How an ECS service stands: what is wanted, what runs, what stopped last and why. Reads only; for the `ecs` probe.
import type { ECSClient } from '@aws-sdk/client-ecs';

import type { EcsState } from '../core/judging/judge-ecs.ts';
import { redact } from '../core/values/redact.ts';
import { describeService, tasksOf } from './ecs-call.ts';
import { lastStopOf } from './ecs-stops.ts';

/**
 * The state of a service; undefined when there is none of that name, or it was deleted. Rejects with `RestartError`
 * when ECS cannot be asked: that says nothing about the service. Stopped tasks are only looked for while fewer run than
 * are wanted, so that a healthy service costs one call.
 */
export function createEcsServiceState(client: ECSClient) {
  return async (cluster: string, service: string, signal: AbortSignal): Promise<EcsState | undefined> => {
    const call = { client, cluster, service, signal };
    const seen = await describeService(call);
    if (!seen || seen.status !== 'ACTIVE') return undefined;
    const { desiredCount, runningCount, pendingCount, deployments } = seen;
    const stopped = runningCount < desiredCount ? await tasksOf(call, 'STOPPED') : [];
    const last = lastStopOf(stopped);
    return {
      desired: desiredCount,
      running: runningCount,
      pending: pendingCount,
      stopping: stopped.filter(({ lastStatus }) => lastStatus !== 'STOPPED').length,
      deployments: deployments.map(({ status, rolloutState, failedTasks, createdAt }) => {
        return { status, rolloutState, failedTasks, createdAt: createdAt?.getTime() };
      }),
      lastStopReason: last && redact(last.text),
      lastStoppedAt: last?.at,
    };
  };
}
