// The state of an ECS service: how many tasks are wanted and run, what stopped last and why. Reads only; for the `ecs`
// probe.
import type { ECSClient } from '@aws-sdk/client-ecs';

import { shortSince, type TaskLife } from '../core/judging/ecs-shortage.ts';
import type { EcsState } from '../core/judging/judge-ecs.ts';
import { redact } from '../core/values/redact.ts';
import { type EcsService, isDaemon } from './ecs-answers.ts';
import { describeService, TASKS, tasksOf } from './ecs-call.ts';
import { lastStopOf } from './ecs-stops.ts';
import { type EcsTask, hasStopped } from './ecs-task-answers.ts';

/**
 * The state of a service; undefined if there is none of that name, or it was deleted. Rejects with `RestartError` if
 * ECS cannot be asked: that says nothing about the service. Tasks are only looked at while fewer run than are wanted,
 * so that a healthy service costs one call.
 */
export function createEcsServiceState(client: ECSClient) {
  return async (cluster: string, service: string, signal: AbortSignal): Promise<EcsState | undefined> => {
    const call = { client, cluster, service, signal };
    const seen = await describeService(call);
    if (!seen || seen.status !== 'ACTIVE') return undefined;
    const isShort = seen.runningCount < seen.desiredCount;
    const [stopped, live] = isShort
      ? await Promise.all([tasksOf(call, 'STOPPED'), tasksOf(call, 'RUNNING')])
      : [[], []];
    return ecsStateOf(seen, stopped, live);
  };
}

/** Combines ECS's answers. `stopped`: tasks that are stopping or have stopped; `live`: those that should run. */
export function ecsStateOf(service: EcsService, stopped: readonly EcsTask[], live: readonly EcsTask[]): EcsState {
  const { desiredCount, runningCount, pendingCount, deployments } = service;
  const last = lastStopOf(stopped);
  // If a service has more tasks than are listed, the others run too.
  const unseen = live.length < TASKS ? 0 : Math.max(0, runningCount - live.length);
  return {
    desired: desiredCount,
    ...(isDaemon(service) && { isDaemon: true }),
    running: runningCount,
    pending: pendingCount,
    stopping: stopped.filter((task) => !hasStopped(task)).length,
    deployments: deployments.map(({ status, rolloutState, failedTasks, createdAt }) => {
      return { status, rolloutState, failedTasks, createdAt: createdAt?.getTime() };
    }),
    lastStopReason: last && redact(last.text),
    lastStoppedAt: last?.at,
    shortSince: shortSince([...stopped, ...live].map(lifeOf), desiredCount, unseen),
  };
}

const lifeOf = ({ startedAt, stoppedAt, stoppedReason }: EcsTask): TaskLife => {
  return { startedAt: startedAt?.getTime(), stoppedAt: stoppedAt?.getTime(), stoppedReason };
};
