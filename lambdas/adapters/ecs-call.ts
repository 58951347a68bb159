// How the ECS adapters ask: one service of one cluster, answers decoded, faults made into `RestartError`s.
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListTasksCommand,
  type ListTasksCommandInput,
} from '@aws-sdk/client-ecs';

import { describeServicesAnswer, type EcsService } from './ecs-answers.ts';
import { describeTasksAnswer, type EcsTask, listTasksAnswer } from './ecs-task-answers.ts';
import { orFault } from './restart-error.ts';

/** One service, and how to ask about it. */
export type EcsCall = Readonly<{ client: ECSClient; cluster: string; service: string; signal: AbortSignal }>;

/** The most that DescribeTasks takes, and one page of ListTasks: of more tasks than that a restart looks at no others. */
export const TASKS = 100;

export const nameOf = ({ cluster, service }: Pick<EcsCall, 'cluster' | 'service'>): string => `${cluster}/${service}`;

/** The service as ECS describes it; undefined when it, or its cluster, is not there. */
export async function describeService(call: EcsCall): Promise<EcsService | undefined> {
  const { client, cluster, service, signal } = call;
  return await orFault(`DescribeServices ${nameOf(call)}`, async () => {
    try {
      const command = new DescribeServicesCommand({ cluster, services: [service] });
      return describeServicesAnswer.parse(await client.send(command, { abortSignal: signal })).services[0];
    } catch (error) {
      if (error instanceof Error && error.name === 'ClusterNotFoundException') return undefined;
      throw error;
    }
  });
}

/** Tasks of the service: those that are to run, or those that are to stop and have stopped within about an hour. */
export async function tasksOf(
  call: EcsCall,
  desiredStatus: Extract<ListTasksCommandInput['desiredStatus'], 'RUNNING' | 'STOPPED'>,
): Promise<readonly EcsTask[]> {
  const { client, cluster, service, signal } = call;
  const { taskArns } = await orFault(`ListTasks ${nameOf(call)}`, async () => {
    const command = new ListTasksCommand({ cluster, serviceName: service, desiredStatus, maxResults: TASKS });
    return listTasksAnswer.parse(await client.send(command, { abortSignal: signal }));
  });
  return await describeTasks(call, taskArns);
}

/** These tasks, without those that ECS has forgotten. */
export async function describeTasks(call: EcsCall, tasks: readonly string[]): Promise<readonly EcsTask[]> {
  const { client, cluster, signal } = call;
  if (tasks.length === 0) return [];
  return await orFault(`DescribeTasks ${nameOf(call)}`, async () => {
    const command = new DescribeTasksCommand({ cluster, tasks: [...tasks] });
    return describeTasksAnswer.parse(await client.send(command, { abortSignal: signal })).tasks;
  });
}
