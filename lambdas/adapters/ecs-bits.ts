// Checks which image digests a service runs: before a redeploy, whether it would start others; after it, what has
// changed.
import { DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';

import type { ImageRule } from '../core/model/restart-spec.ts';
import { changedBits, openQuestions, otherDefinition, otherImage, type SeenTask } from '../core/restart/same-bits.ts';
import type { ImageSource, Progress } from '../ports/restarter.ts';
import type { EcsService } from './ecs-answers.ts';
import { primaryOf } from './ecs-answers.ts';
import { type EcsCall, tasksOf } from './ecs-call.ts';
import { describeTaskDefinitionAnswer, type EcsTask, lastPart } from './ecs-task-answers.ts';
import { orFault } from './restart-error.ts';

/**
 * Why a redeploy would start images other than those that run, as far as that is known; undefined otherwise. If no task
 * runs, the images that its present deployment ran last are compared.
 */
export async function otherBits(
  call: EcsCall,
  { service, images, rule }: Readonly<{ service: EcsService; images: ImageSource; rule: ImageRule }>,
): Promise<string | undefined> {
  const { taskDefinition } = service;
  if (rule === 'report' || taskDefinition === undefined) return undefined;
  const tasks = await standing(call, primaryOf(service)?.id);
  const definition = otherDefinition(lastPart(taskDefinition), tasks);
  if (definition !== undefined || tasks.length === 0) return definition;
  for (const question of openQuestions(await containersOf(call, taskDefinition), tasks)) {
    const current = await images.digests(question.reference, call.signal);
    const other = current && otherImage(question, current);
    if (other !== undefined) return other;
  }
  return undefined;
}

async function standing(call: EcsCall, deploymentId: string | undefined): Promise<readonly SeenTask[]> {
  const running = await tasksOf(call, 'RUNNING');
  const last = running.length > 0 ? running : startedBy(await tasksOf(call, 'STOPPED'), deploymentId);
  return last.map(bitsOf);
}

async function containersOf(call: EcsCall, taskDefinition: string) {
  const { client, signal } = call;
  return await orFault(`DescribeTaskDefinition ${lastPart(taskDefinition)}`, async () => {
    const command = new DescribeTaskDefinitionCommand({ taskDefinition });
    const answer = describeTaskDefinitionAnswer.parse(await client.send(command, { abortSignal: signal }));
    return answer.taskDefinition.containerDefinitions;
  });
}

/**
 * The end of a restart, with the images that it changed. ECS still knows the tasks from before, which have stopped; if
 * it does not, or does not answer, the restart counts as done all the same.
 */
export async function withChangedBits(
  call: EcsCall,
  progress: Progress,
  isBefore: (task: EcsTask) => boolean,
): Promise<Progress> {
  if (progress.kind !== 'changed') return progress;
  try {
    const [before, after] = [await tasksOf(call, 'STOPPED'), await tasksOf(call, 'RUNNING')];
    const changed = changedBits(before.filter(isBefore).map(bitsOf), after.map(bitsOf));
    return changed === undefined ? progress : { ...progress, detail: `${progress.detail}; ${changed}` };
  } catch {
    return progress;
  }
}

const startedBy = (tasks: readonly EcsTask[], deploymentId: string | undefined): readonly EcsTask[] =>
  tasks.filter((task) => task.startedBy === deploymentId);

const bitsOf = ({ taskDefinitionArn, containers }: EcsTask): SeenTask => ({
  taskDefinition: taskDefinitionArn && lastPart(taskDefinitionArn),
  containers,
});
