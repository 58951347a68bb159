// What tasks report, and why stopped ones have stopped, in a line for people.
import { type EcsTask, lastPart } from './ecs-task-answers.ts';

/** `api exited with 137: OutOfMemoryError: …`, for each container that reports more than a normal end. */
const endOf = ({ name, exitCode, reason }: EcsTask['containers'][number]): string | undefined => {
  if (exitCode === undefined && reason === undefined) return undefined;
  const code = exitCode === undefined ? 'did not run' : `exited with ${exitCode}`;
  return `${name} ${code}${reason === undefined ? '' : `: ${reason}`}`;
};

/** Why a task stopped, and how its containers ended: `Essential container in task exited; api exited with 1`. */
export const stopText = ({ stoppedReason, containers }: EcsTask): string =>
  [stoppedReason ?? 'no reason given', ...containers.flatMap((container) => endOf(container) ?? [])].join('; ');

/** Newest first; a task that is still stopping comes before all that have stopped. */
export const newestFirst = (tasks: readonly EcsTask[]): readonly EcsTask[] =>
  [...tasks].sort((a, b) => (b.stoppedAt?.getTime() ?? Infinity) - (a.stoppedAt?.getTime() ?? Infinity) || 0);

/** The task that stopped last, in words, and when (epoch ms; absent while it is still stopping). */
export function lastStopOf(tasks: readonly EcsTask[]): Readonly<{ text: string; at?: number | undefined }> | undefined {
  const [last] = newestFirst(tasks);
  return last && { text: `task ${lastPart(last.taskArn)}: ${stopText(last)}`, at: last.stoppedAt?.getTime() };
}

/** `task 0af3 billing:5 RUNNING UNHEALTHY`. */
export const stateOf = ({ taskArn, taskDefinitionArn = '', lastStatus, healthStatus }: EcsTask): string =>
  ['task', lastPart(taskArn), lastPart(taskDefinitionArn), lastStatus, healthStatus === 'UNKNOWN' ? '' : healthStatus]
    .filter(Boolean)
    .join(' ');
