// ECS's answers about the tasks of ecs-standing.ts, with the fields that Lamplighter reads.
import type { EcsService } from '../../../lambdas/adapters/ecs-answers.ts';
import type { EcsTask } from '../../../lambdas/adapters/ecs-task-answers.ts';

/** `endsAt`: when it stops running, and drains until `goneAt`; all epoch ms. */
export type Task = { readonly startedAt: number; reason?: string; endsAt: number; goneAt: number };

/** `rolloutAt`: since when a rollout is under way. */
export function serviceAnswer(desiredCount: number, runningCount: number, rolloutAt: number | undefined): EcsService {
  const counts = { desiredCount, runningCount };
  const rollout =
    rolloutAt === undefined
      ? { rolloutState: 'COMPLETED' }
      : { rolloutState: 'IN_PROGRESS', createdAt: new Date(rolloutAt) };
  return {
    ...{ status: 'ACTIVE', ...counts, pendingCount: Math.max(0, desiredCount - runningCount), events: [] },
    deploymentController: { type: 'ECS' },
    deploymentConfiguration: { strategy: 'ROLLING' },
    deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', ...rollout, ...counts, failedTasks: 0 }],
  };
}

export function taskAnswer({ startedAt, reason, endsAt, goneAt }: Task, now: number): EcsTask {
  const isToRun = endsAt === Infinity;
  return {
    taskArn: `task-${startedAt}`,
    lastStatus: isToRun ? 'RUNNING' : now < goneAt ? 'DEACTIVATING' : 'STOPPED',
    desiredStatus: isToRun ? 'RUNNING' : 'STOPPED',
    healthStatus: 'UNKNOWN',
    startedAt: new Date(startedAt),
    ...(reason !== undefined && { stoppedReason: reason }),
    ...(goneAt <= now && { stoppedAt: new Date(goneAt) }),
    containers: [],
  };
}
