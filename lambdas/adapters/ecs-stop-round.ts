// One round of stopping unhealthy tasks: which ones, and StopTask for each, one after the other. The reason bears the
// order's id, so that what was stopped is found again.
import { StopTaskCommand } from '@aws-sdk/client-ecs';

import { atMostOnce } from './at-most-once.ts';
import { type EcsCall, tasksOf } from './ecs-call.ts';
import { type EcsTask, lastPart } from './ecs-task-answers.ts';
import { orFault } from './restart-error.ts';

/** So many at once, which stays below the rate of the API; the next ones when those were replaced. */
const ROUND = 10;

const reasonOf = (restartId: string) => `Lamplighter ${restartId}: ECS calls this task unhealthy`;

/** Tasks that this order has stopped, or is stopping, of those that ECS has not forgotten. */
export const stoppedBy = async (call: EcsCall, restartId: string): Promise<readonly EcsTask[]> =>
  (await tasksOf(call, 'STOPPED')).filter(({ stoppedReason = '' }) =>
    stoppedReason.startsWith(`Lamplighter ${restartId}:`),
  );

/** Those that ECS calls unhealthy, oldest first. */
export const unhealthy = async (call: EcsCall): Promise<readonly EcsTask[]> =>
  (await tasksOf(call, 'RUNNING'))
    .filter(({ healthStatus }) => healthStatus === 'UNHEALTHY')
    .sort((a, b) => Number(a.startedAt ?? 0) - Number(b.startedAt ?? 0));

/** Stops the first ten of them; gives those that had not ended by themselves meanwhile. */
export async function stopRound(
  call: EcsCall,
  tasks: readonly EcsTask[],
  restartId: string,
): Promise<readonly EcsTask[]> {
  const stopped: EcsTask[] = [];
  for (const task of tasks.slice(0, ROUND)) if (await stop(call, task, restartId)) stopped.push(task);
  return stopped;
}

/** `false`: it ended by itself meanwhile. Once per call, so that a second attempt never hits what a first one left. */
async function stop(call: EcsCall, { taskArn }: EcsTask, restartId: string): Promise<boolean> {
  const { client, cluster, signal } = call;
  const command = new StopTaskCommand({ cluster, task: taskArn, reason: reasonOf(restartId) });
  return await orFault(`StopTask ${lastPart(taskArn)}`, async () => {
    try {
      await atMostOnce(command, () => client.send(command, { abortSignal: signal }));
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === 'InvalidParameterException') return false;
      throw error;
    }
  });
}
