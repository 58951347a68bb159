// How the ECS adapters call ECS: about one service of one cluster, answers decoded, faults turned into `RestartError`s.
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListTasksCommand,
  type ListTasksCommandInput,
} from '@aws-sdk/client-ecs';

import type { Listed } from '../core/restart/stop-rounds.ts';
import { describeServicesAnswer, type EcsService } from './ecs-answers.ts';
import { describeTasksAnswer, type EcsTask, listTasksAnswer } from './ecs-task-answers.ts';
import { orFault } from './restart-error.ts';

/** One service, and the client to ask about it with. */
export type EcsCall = Readonly<{ client: ECSClient; cluster: string; service: string; signal: AbortSignal }>;

/** The most that DescribeTasks accepts, and one page of ListTasks. */
export const TASKS = 100;
/** The most pages that are read: a thousand tasks, in some twenty calls, for which an invocation has time. */
const PAGES = 10;

export const nameOf = ({ cluster, service }: Pick<EcsCall, 'cluster' | 'service'>): string => `${cluster}/${service}`;

/** The service as ECS describes it; undefined if it or its cluster does not exist. */
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

type DesiredStatus = Extract<ListTasksCommandInput['desiredStatus'], 'RUNNING' | 'STOPPED'>;

/**
 * Tasks of the service with this desired status: RUNNING, or STOPPED, which ECS keeps for about an hour. Only the first
 * page, which is enough for a look.
 */
export const tasksOf = async (call: EcsCall, desiredStatus: DesiredStatus): Promise<readonly EcsTask[]> =>
  (await pageOf(call, desiredStatus, undefined)).tasks;

/** All of them, up to a thousand; if there are more, `isWhole` is false. */
export async function allTasksOf(call: EcsCall, desiredStatus: DesiredStatus): Promise<Listed<EcsTask>> {
  const tasks: EcsTask[] = [];
  let nextToken: string | undefined;
  for (let pages = 0; pages < PAGES; pages += 1) {
    const page = await pageOf(call, desiredStatus, nextToken);
    tasks.push(...page.tasks);
    nextToken = page.nextToken;
    if (nextToken === undefined) return { tasks, isWhole: true };
  }
  return { tasks, isWhole: false };
}

async function pageOf(call: EcsCall, desiredStatus: DesiredStatus, nextToken: string | undefined) {
  const { client, cluster, service: serviceName, signal } = call;
  const page = await orFault(`ListTasks ${nameOf(call)}`, async () => {
    const command = new ListTasksCommand({ cluster, serviceName, desiredStatus, maxResults: TASKS, nextToken });
    return listTasksAnswer.parse(await client.send(command, { abortSignal: signal }));
  });
  return { tasks: await describeTasks(call, page.taskArns), nextToken: page.nextToken };
}

/** These tasks, at most a hundred, without those that ECS has forgotten. */
export async function describeTasks(call: EcsCall, tasks: readonly string[]): Promise<readonly EcsTask[]> {
  const { client, cluster, signal } = call;
  if (tasks.length === 0) return [];
  return await orFault(`DescribeTasks ${nameOf(call)}`, async () => {
    const command = new DescribeTasksCommand({ cluster, tasks: [...tasks] });
    return describeTasksAnswer.parse(await client.send(command, { abortSignal: signal })).tasks;
  });
}
