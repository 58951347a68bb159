// What a restart of an ECS service would destroy: its last events, and what its tasks report.
import { describeService, type EcsCall, tasksOf } from './ecs-call.ts';
import { newestFirst, stateOf, stopText } from './ecs-stops.ts';

/** How many lines of each kind are kept. */
const KEPT = 5;

/** Events and states in lines for people, the most telling first; undefined if ECS knows no such service. */
export async function ecsEvidence(call: EcsCall): Promise<string | undefined> {
  const service = await describeService(call);
  if (!service) return undefined;
  const running = await tasksOf(call, 'RUNNING');
  const stopped = newestFirst(await tasksOf(call, 'STOPPED'));
  const lines = [
    `${service.runningCount} of ${service.desiredCount} tasks run, ${service.pendingCount} are pending`,
    ...service.deployments.map(({ id, status, rolloutState, rolloutStateReason }) =>
      ['deployment', id, status, rolloutState, rolloutStateReason].filter(Boolean).join(' '),
    ),
    ...service.events.slice(0, KEPT).map(({ createdAt, message }) => `event ${timeOf(createdAt)}${message}`),
    ...stopped.slice(0, KEPT).map((task) => `${stateOf(task)} ${timeOf(task.stoppedAt)}${stopText(task)}`),
    ...running.slice(0, KEPT).map(stateOf),
  ];
  return lines.join('\n');
}

const timeOf = (at: Date | undefined) => (at ? `${at.toISOString()} ` : '');
