// Stops those tasks of a service that ECS itself calls unhealthy, and leaves the others running; ECS replaces what was
// stopped. In rounds, each when the one before was replaced, so that what still serves is not taken away at once.
import type { Progress, SentOrder } from '../ports/restarter.ts';
import type { EcsAction } from './ecs-action.ts';
import { type EcsService, primaryOf } from './ecs-answers.ts';
import { withChangedBits } from './ecs-bits.ts';
import { describeService, describeTasks, type EcsCall, nameOf } from './ecs-call.ts';
import { stateOf } from './ecs-evidence.ts';
import { stoppedBy, stopRound, unhealthy } from './ecs-stop-round.ts';
import { type EcsTask, lastPart } from './ecs-task-answers.ts';
import { RestartError } from './restart-error.ts';

/** More are not stopped by one order: a service of which so much is ill needs another remedy. */
const MOST = 100;
/** Of so many tasks it is said which they were. */
const NAMED = 10;

export const stopTasks: EcsAction = {
  isDeployment: false,
  inspect: async (_call, { identity }) => await Promise.resolve({ kind: 'ready', identity }),
  async find(call, { restartId }) {
    const stopped = await stoppedBy(call, restartId);
    return stopped.length > 0 ? handleOf(stopped) : undefined;
  },
  async send(call, { restartId }) {
    const stopped = await stopRound(call, await unhealthy(call), restartId);
    // Lasting: the next rung of the ladder is the one to try.
    if (stopped.length === 0)
      throw new RestartError(`ECS service ${nameOf(call)}: ECS calls no task unhealthy`, { isTransient: false });
    return handleOf(stopped);
  },
  async look(call, order) {
    const first = order.handle.split(',');
    const seen = await standing(call, await describeTasks(call, first), first.length);
    if (seen.kind !== 'replaced') return seen;
    // Of later rounds, or of a first one whose invocation died before it could name them.
    const more = (await stoppedBy(call, order.restartId)).filter(({ taskArn }) => !first.includes(lastPart(taskArn)));
    const ids = [...first, ...more.map(({ taskArn }) => lastPart(taskArn))];
    const whole = more.length > 0 ? await standing(call, more, ids.length) : seen;
    return whole.kind === 'replaced' ? await goOn(call, order, ids, whole.service) : whole;
  },
};

const handleOf = (tasks: readonly EcsTask[]) => tasks.map(({ taskArn }) => lastPart(taskArn)).join(',');

/** How far ECS has come with replacing these. `count`: how many this order has stopped so far. */
async function standing(
  call: EcsCall,
  tasks: readonly EcsTask[],
  count: number,
): Promise<Exclude<Progress, { kind: 'changed' }> | { kind: 'replaced'; service: EcsService }> {
  const failed = (reason: string): Progress & { kind: 'failed' } => ({
    kind: 'failed',
    reason: `ECS service ${nameOf(call)}: ${reason}`,
  });
  const living = tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  // Behind the tasks: seen the other way round, its count may still be that of before they stopped.
  const service = await describeService(call);
  if (!service || service.status !== 'ACTIVE') return failed('it was deleted during the restart');
  if (service.desiredCount === 0) return failed('it was scaled to zero during the restart');
  if (living.length > 0) return { kind: 'running', detail: `${living.length} of ${count} unhealthy tasks still stop` };
  return service.runningCount >= service.desiredCount
    ? { kind: 'replaced', service }
    : { kind: 'running', detail: detailOf(service, count) };
}

/** The next round, or the end where none is left, no more may be stopped, or somebody has deployed meanwhile. */
async function goOn(call: EcsCall, order: SentOrder, ids: readonly string[], service: EcsService): Promise<Progress> {
  const { restartId, begunAt, before } = order;
  // What was put there by this very restart and is ill again is not for it to stop: that would go on for ever.
  const left = (await unhealthy(call)).filter(({ startedAt }) => Number(startedAt) < begunAt);
  const isOurs = primaryOf(service)?.id === before;
  if (left.length > 0 && isOurs && ids.length < MOST) {
    const stopped = await stopRound(call, left, restartId);
    const after = left.length - stopped.length;
    const detail = `${stopped.length} more unhealthy tasks are stopped, after ${ids.length}; ${after} are left`;
    return { kind: 'running', detail, evidence: [detail, ...stopped.map(stateOf)].join('\n') };
  }
  const why = isOurs ? `no more than ${MOST} are stopped by one restart` : 'somebody has deployed meanwhile';
  const rest = left.length > 0 ? `; ${left.length} unhealthy ones are left: ${why}` : '';
  const others = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '';
  const changed: Progress = {
    kind: 'changed',
    // What stands there now is the same deployment, with other tasks.
    identity: `${before} without ${ids.slice(0, NAMED).join(',')}${others}`,
    detail: detailOf(service, ids.length) + rest,
  };
  return await withChangedBits(call, changed, ({ taskArn }) => ids.includes(lastPart(taskArn)));
}

const detailOf = ({ runningCount, desiredCount }: EcsService, count: number): string =>
  `${runningCount} of ${desiredCount} tasks run after ${count} unhealthy ${count === 1 ? 'one was' : 'ones were'} stopped`;
