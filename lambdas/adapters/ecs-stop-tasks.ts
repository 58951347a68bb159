// Stops those tasks of a service that ECS itself calls unhealthy, and leaves the others running. ECS replaces what was
// stopped. The reason bears the order's id, so that an order whose end was not seen is found again.
import { StopTaskCommand } from '@aws-sdk/client-ecs';

import type { Progress } from '../ports.ts';
import { atMostOnce } from './at-most-once.ts';
import type { EcsAction } from './ecs-action.ts';
import { withChangedBits } from './ecs-bits.ts';
import { describeService, describeTasks, type EcsCall, nameOf, tasksOf } from './ecs-call.ts';
import { type EcsTask, lastPart } from './ecs-task-answers.ts';
import { orFault, RestartError } from './restart-error.ts';

/** More are not stopped by one order: a service of which so much is ill needs another remedy. */
const MOST = 10;

export const stopTasks: EcsAction = {
  isDeployment: false,
  inspect: async (_call, { identity }) => await Promise.resolve({ kind: 'ready', identity }),
  async find(call, { restartId }) {
    const stopped = (await tasksOf(call, 'STOPPED')).filter((task) => bears(task, restartId));
    return stopped.length > 0 ? handleOf(stopped) : undefined;
  },
  async send(call, { restartId }) {
    const unhealthy = (await tasksOf(call, 'RUNNING'))
      .filter(({ healthStatus }) => healthStatus === 'UNHEALTHY')
      .sort((a, b) => Number(a.startedAt ?? 0) - Number(b.startedAt ?? 0))
      .slice(0, MOST);
    const stopped: EcsTask[] = [];
    for (const task of unhealthy) if (await stop(call, task, restartId)) stopped.push(task);
    // Lasting: the next rung of the ladder is the one to try.
    if (stopped.length === 0)
      throw new RestartError(`ECS service ${nameOf(call)}: ECS calls no task unhealthy`, { isTransient: false });
    return handleOf(stopped);
  },
  async look(call, order) {
    const ids = order.handle.split(',');
    const progress = await followStop(call, ids, order.before);
    return await withChangedBits(call, progress, ({ taskArn }) => ids.includes(lastPart(taskArn)));
  },
};

const reasonOf = (restartId: string) => `Lamplighter ${restartId}: ECS calls this task unhealthy`;
const bears = ({ stoppedReason = '' }: EcsTask, restartId: string) =>
  stoppedReason.startsWith(`Lamplighter ${restartId}:`);
const handleOf = (tasks: readonly EcsTask[]) => tasks.map(({ taskArn }) => lastPart(taskArn)).join(',');

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

async function followStop(call: EcsCall, ids: readonly string[], before: string): Promise<Progress> {
  const failed = (reason: string): Progress => ({
    kind: 'failed',
    reason: `ECS service ${nameOf(call)}: ${reason}`,
  });
  // Before the service: seen the other way round, its count may still be that of before they stopped.
  const living = (await describeTasks(call, ids)).filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  const service = await describeService(call);
  if (!service || service.status !== 'ACTIVE') return failed('it was deleted during the restart');
  if (service.desiredCount === 0) return failed('it was scaled to zero during the restart');
  if (living.length > 0)
    return { kind: 'running', detail: `${living.length} of ${ids.length} unhealthy tasks still stop` };
  const { runningCount, desiredCount } = service;
  const detail = `${runningCount} of ${desiredCount} tasks run after ${ids.length} unhealthy ${ids.length === 1 ? 'one was' : 'ones were'} stopped`;
  // What stands there now is the same deployment, with other tasks.
  return runningCount >= desiredCount
    ? { kind: 'changed', identity: `${before} without ${ids.join(',')}`, detail }
    : { kind: 'running', detail };
}
