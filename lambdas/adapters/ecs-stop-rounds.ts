// Stops the tasks of a service that ECS itself calls unhealthy, and leaves the others running; ECS replaces what was
// stopped. It works in rounds, each after the one before was replaced. It can be cut off between any two tasks: the
// stop reason of each has the order's id, so that the stopped tasks are found again.
import { atLeast, firstRound, isUnhealthy, type Listed, nextRound } from '../core/restart/stop-rounds.ts';
import type { Progress, RestartOrder, SentOrder } from '../ports/restarter.ts';
import { type EcsService, primaryOf } from './ecs-answers.ts';
import { stateOf } from './ecs-stops.ts';
import { type EcsTask, hasStopped, lastPart } from './ecs-task-answers.ts';
import { RestartError } from './restart-error.ts';

/** The calls to ECS that this needs, for one service. */
export type TaskControl = Readonly<{
  /** For people: `prod/billing`. */
  name: string;
  /** `undefined`: it does not exist any more. */
  service(): Promise<EcsService | undefined>;
  /** Tasks with this desired status: RUNNING, or STOPPED, which ECS keeps for about an hour. */
  listed(desiredStatus: 'RUNNING' | 'STOPPED'): Promise<Listed<EcsTask>>;
  /** These tasks, without those that ECS has forgotten. */
  described(tasks: readonly string[]): Promise<readonly EcsTask[]>;
  /** `false`: it has ended by itself meanwhile. Sends at most one request per call, whatever the answer is. */
  stop(task: EcsTask, reason: string): Promise<boolean>;
}>;

/** How many tasks are named one by one. */
const NAMED = 10;

const reasonOf = (restartId: string) => `Lamplighter ${restartId}: ECS calls this task unhealthy`;
const handleOf = (tasks: readonly EcsTask[]) => tasks.map(({ taskArn }) => lastPart(taskArn)).join(',');

/** The tasks that this order has stopped, or is stopping, as its handle. */
export async function findRound(ecs: TaskControl, { restartId }: RestartOrder): Promise<string | undefined> {
  const { tasks, isWhole } = await stoppedBy(ecs, restartId);
  if (tasks.length > 0) return handleOf(tasks);
  if (isWhole) return undefined;
  throw fault(ecs, 'too many tasks have stopped to tell whether this restart has stopped some');
}

/** Stops the first round. */
export async function sendRound(ecs: TaskControl, { restartId }: RestartOrder): Promise<string> {
  const stopped = await stopThese(ecs, firstRound(await ecs.listed('RUNNING')), restartId);
  if (stopped.length === 0) throw fault(ecs, 'ECS calls no task unhealthy');
  return handleOf(stopped);
}

/** Lasting: the next step of the ladder is to be tried. */
const fault = ({ name }: TaskControl, reason: string) =>
  new RestartError(`ECS service ${name}: ${reason}`, { isTransient: false });

/** The progress that was seen, and the tasks that the order has stopped so far. */
type Seen = Readonly<{ progress: Progress; ids: readonly string[] }>;

/** How far the restart has come; if all stopped tasks are replaced, it stops the next round. */
export async function followRounds(ecs: TaskControl, order: SentOrder): Promise<Seen> {
  const first = order.handle.split(',');
  const seen = await standing(ecs, await ecs.described(first), first.length);
  if (seen.kind !== 'replaced') return { progress: seen, ids: first };
  // Tasks of later rounds, or of a first one whose invocation died before it could name them.
  const { tasks, isWhole } = await stoppedBy(ecs, order.restartId);
  const more = tasks.filter(({ taskArn }) => !first.includes(lastPart(taskArn)));
  const ids = [...first, ...more.map(({ taskArn }) => lastPart(taskArn))];
  const whole = more.length > 0 ? await standing(ecs, more, ids.length) : seen;
  if (whole.kind !== 'replaced') return { progress: whole, ids };
  return { progress: await goOn(ecs, order, { ids, isWhole }, whole.service), ids };
}

async function stoppedBy(ecs: TaskControl, restartId: string): Promise<Listed<EcsTask>> {
  const { tasks, isWhole } = await ecs.listed('STOPPED');
  return {
    tasks: tasks.filter(({ stoppedReason = '' }) => stoppedReason.startsWith(`Lamplighter ${restartId}:`)),
    isWhole,
  };
}

/** How far ECS has replaced these tasks. `count`: how many this order has stopped so far. */
async function standing(
  ecs: TaskControl,
  tasks: readonly EcsTask[],
  count: number,
): Promise<Exclude<Progress, { kind: 'changed' }> | { kind: 'replaced'; service: EcsService }> {
  const failed = (reason: string): Progress & { kind: 'failed' } => ({
    kind: 'failed',
    reason: `ECS service ${ecs.name}: ${reason}`,
  });
  const living = tasks.filter((task) => !hasStopped(task));
  // Read after the tasks: read before them, its count might still be the one from before they stopped.
  const service = await ecs.service();
  if (!service || service.status !== 'ACTIVE') return failed('it was deleted during the restart');
  if (service.desiredCount === 0) return failed('it was scaled to zero during the restart');
  if (living.length > 0) return { kind: 'running', detail: `${living.length} of ${count} unhealthy tasks still stop` };
  return service.runningCount >= service.desiredCount
    ? { kind: 'replaced', service }
    : { kind: 'running', detail: detailOf(service, count) };
}

async function goOn(
  ecs: TaskControl,
  { restartId, begunAt, before }: SentOrder,
  { ids, isWhole }: Readonly<{ ids: readonly string[]; isWhole: boolean }>,
  service: EcsService,
): Promise<Progress> {
  const running = await ecs.listed('RUNNING');
  // A message may come twice. An invocation that sees no newly stopped tasks after this list has seen the same tasks as
  // the other, and stops the same ones, which changes nothing; one that does leaves the round to the other.
  const { tasks: stoppedNow } = await stoppedBy(ecs, restartId);
  if (stoppedNow.some(({ taskArn }) => !ids.includes(lastPart(taskArn))))
    return { kind: 'running', detail: 'another invocation stops the next ones' };
  const isOurs = primaryOf(service)?.id === before;
  const next = nextRound(running, { count: ids.length, isCounted: isWhole, isOurs, begunAt });
  if (next.kind === 'stop') {
    const stopped = await stopThese(ecs, next.tasks, restartId);
    const left = atLeast(next.left - stopped.length, running);
    const detail = `${stopped.length} more unhealthy tasks are stopped, after ${ids.length}; ${left} are left`;
    return { kind: 'running', detail, evidence: [detail, ...stopped.map(stateOf)].join('\n') };
  }
  const others = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '';
  return {
    kind: 'changed',
    // The same deployment as before, with other tasks.
    identity: `${before} without ${ids.slice(0, NAMED).join(',')}${others}`,
    detail: detailOf(service, ids.length) + next.rest,
  };
}

/**
 * One after the other; returns those that were stopped. Listing many takes seconds, so only those still unhealthy are
 * stopped.
 */
async function stopThese(ecs: TaskControl, tasks: readonly EcsTask[], restartId: string): Promise<readonly EcsTask[]> {
  const seen = await ecs.described(tasks.map(({ taskArn }) => taskArn));
  const still = new Set(seen.filter(isUnhealthy).map(({ taskArn }) => taskArn));
  const stopped: EcsTask[] = [];
  for (const task of tasks)
    if (still.has(task.taskArn) && (await ecs.stop(task, reasonOf(restartId)))) stopped.push(task);
  return stopped;
}

const detailOf = ({ runningCount, desiredCount }: EcsService, count: number): string =>
  `${runningCount} of ${desiredCount} tasks run after ${count} unhealthy ${count === 1 ? 'one was' : 'ones were'} stopped`;
