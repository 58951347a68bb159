// The action that stops unhealthy tasks of an ECS service: its calls to ECS, and how often each is tried.
import { StopTaskCommand } from '@aws-sdk/client-ecs';

import { atMostOnce } from './at-most-once.ts';
import type { EcsAction } from './ecs-action.ts';
import { withChangedBits } from './ecs-bits.ts';
import { allTasksOf, describeService, describeTasks, type EcsCall, nameOf } from './ecs-call.ts';
import { findRound, followRounds, sendRound, type TaskControl } from './ecs-stop-rounds.ts';
import { type EcsTask, lastPart } from './ecs-task-answers.ts';
import { orFault } from './restart-error.ts';

export const stopTasks: EcsAction = {
  isDeployment: false,
  inspect: async (_call, { identity }) => await Promise.resolve({ kind: 'ready', identity }),
  find: async (call, order) => await findRound(controlOf(call), order),
  send: async (call, order) => await sendRound(controlOf(call), order),
  async look(call, order) {
    const { progress, ids } = await followRounds(controlOf(call), order);
    return await withChangedBits(call, progress, ({ taskArn }) => ids.includes(lastPart(taskArn)));
  },
};

const controlOf = (call: EcsCall): TaskControl => ({
  name: nameOf(call),
  service: async () => await describeService(call),
  listed: async (desiredStatus) => await allTasksOf(call, desiredStatus),
  described: async (tasks) => await describeTasks(call, tasks),
  stop: async (task, reason) => await stop(call, task, reason),
});

/** Tried once only, so that a second attempt never meets what a first one has done. */
async function stop({ client, cluster, signal }: EcsCall, { taskArn }: EcsTask, reason: string): Promise<boolean> {
  const command = new StopTaskCommand({ cluster, task: taskArn, reason });
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
