// The state machine of a local ECS service: deployments, tasks, rollout states. Pure; what must be done to a process is
// returned as an act. At most one task of a service is alive at a time, because two processes cannot share a local
// port.
import { livingTask, type LocalDeployment, type LocalTask, primaryOf, type ServiceRecord } from './record.ts';

type RolloutSettings = Readonly<{
  port?: number | undefined;
  stopTimeoutSeconds: number;
  startTimeoutSeconds: number;
  replaceStoppedTasks: boolean;
}>;
/** What was observed of the process of the living task. */
export type Sight = Readonly<{ alive: boolean; listening: boolean; exitCode?: number | undefined }>;
export type Act = Readonly<
  { kind: 'launch'; taskId: string } | { kind: 'signal'; taskId: string; signal: 'SIGTERM' | 'SIGKILL' }
>;
type Turn = Readonly<{ record: ServiceRecord; act?: Act }>;

/** How long a process without a port must live to count as running. */
const SETTLE_MS = 1_000;
const REPLACE_AFTER_MS = 1_000;
const TASKS_KEPT = 10;

/**
 * Starts a new PRIMARY deployment, of the same revision of the task definition unless another is named; the earlier one
 * stays as ACTIVE until the new one is completed.
 */
export function deploy(
  record: ServiceRecord,
  id: string,
  now: number,
  revision: number | undefined = primaryOf(record)?.revision,
): ServiceRecord {
  const task = livingTask(record);
  const before = record.deployments
    .filter((one) => one.status === 'PRIMARY' || one.id === task?.deploymentId)
    .map((one) => ({ ...one, status: 'ACTIVE' as const }));
  const fresh: LocalDeployment = {
    ...{ id, status: 'PRIMARY', rolloutState: 'IN_PROGRESS', rolloutStateReason: `ECS deployment ${id} in progress.` },
    ...{ createdAt: now, updatedAt: now, failedTasks: 0, revision },
  };
  return { ...record, launchAt: now, deployments: [fresh, ...before] };
}

/** Sets how many tasks are wanted; going from 0 to 1 launches one without a new deployment, as in ECS. */
export function scale(record: ServiceRecord, desiredCount: number, now: number): ServiceRecord {
  if (desiredCount === record.desiredCount) return record;
  const task = livingTask(record);
  const isKept = task !== undefined && task.stopReason === undefined; // back to 1 before anybody acted upon the 0
  return { ...record, desiredCount, launchAt: desiredCount > 0 && !isKept ? now : undefined };
}

/** Asks the living task to stop; the first reason is kept. */
export function stopTask(record: ServiceRecord, reason: string): ServiceRecord {
  if (livingTask(record)?.stopReason !== undefined) return record;
  return withTask(record, (task) => ({ ...task, stopReason: reason }));
}

/** Records the process that was started for the living task, and the digest of its image. */
export function launched(
  record: ServiceRecord,
  process: { pid: number; startTicks: number },
  now: number,
  imageDigest?: string,
): ServiceRecord {
  return withTask(record, (task) => ({ ...task, process, startedAt: now, imageDigest }));
}

/** Records what the health check says about a task, if the task is alive and the result is new. */
export function examined(record: ServiceRecord, taskId: string, health: LocalTask['health']): ServiceRecord {
  const task = livingTask(record);
  if (task?.id !== taskId || task.health === health) return record;
  return withTask(record, (one) => ({ ...one, health }));
}

/** The living task has ended. Its deployment has failed if it was still rolling out and no other launch is due. */
export function taskEnded(
  record: ServiceRecord,
  end: { reason: string; exitCode?: number | undefined },
  settings: Pick<RolloutSettings, 'replaceStoppedTasks'>,
  now: number,
): ServiceRecord {
  const task = livingTask(record);
  if (!task) return record;
  const { stopReason = end.reason } = task;
  const ended = withTask(record, (one) => {
    return { ...one, lastStatus: 'STOPPED', stoppedAt: now, stoppedReason: stopReason, exitCode: end.exitCode };
  });
  const primary = primaryOf(ended);
  if (ended.desiredCount === 0 || ended.launchAt !== undefined || !primary) return ended;
  if (primary.rolloutState === 'IN_PROGRESS') return failDeployment(ended, stopReason, now);
  const replace = settings.replaceStoppedTasks && primary.rolloutState === 'COMPLETED';
  return replace ? { ...ended, launchAt: now + REPLACE_AFTER_MS } : ended;
}

/** One step towards what is wanted. Returning the same record means that nothing changed. */
export function advanceService(
  record: ServiceRecord,
  sight: Sight,
  settings: RolloutSettings,
  fresh: { taskId: string; now: number },
): Turn {
  const { now } = fresh;
  const task = livingTask(record);
  const primary = primaryOf(record);
  if (!task) {
    if (record.desiredCount === 0) return { record: completeDeployment(record, now) };
    if (record.launchAt === undefined || record.launchAt > now || !primary) return { record };
    const { id: deploymentId, revision } = primary;
    const pending: LocalTask = { id: fresh.taskId, deploymentId, lastStatus: 'PENDING', createdAt: now, revision };
    const tasks = [pending, ...record.tasks].slice(0, TASKS_KEPT);
    return { record: { ...record, launchAt: undefined, tasks }, act: { kind: 'launch', taskId: pending.id } };
  }
  // An earlier run decided this and died before the launch, or just after it: the launch finds out which.
  if (!task.process) return { record, act: { kind: 'launch', taskId: task.id } };
  if (!sight.alive) {
    const code = sight.exitCode === undefined ? '' : ` with exit code ${sight.exitCode}`;
    return {
      record: taskEnded(record, { reason: `The process ended${code}.`, exitCode: sight.exitCode }, settings, now),
    };
  }
  const unwanted = whyUnwanted(record, task);
  if (unwanted !== undefined) return stopping(stopTask(record, unwanted), task, settings, now);
  if (task.lastStatus === 'RUNNING') return { record };
  return starting(record, task, sight, settings, now);
}

function whyUnwanted(record: ServiceRecord, task: LocalTask): string | undefined {
  if (task.stopReason !== undefined) return task.stopReason;
  const primary = primaryOf(record);
  if (task.deploymentId !== primary?.id) return `Replaced by deployment ${primary?.id ?? 'none'}.`;
  return record.desiredCount === 0 ? 'The service was scaled to zero.' : undefined;
}

function stopping(record: ServiceRecord, task: LocalTask, settings: RolloutSettings, now: number): Turn {
  if (task.stoppingAt === undefined) {
    return {
      record: withTask(record, (one) => ({ ...one, stoppingAt: now })),
      act: { kind: 'signal', taskId: task.id, signal: 'SIGTERM' },
    };
  }
  if (now - task.stoppingAt < settings.stopTimeoutSeconds * 1_000) return { record };
  return { record, act: { kind: 'signal', taskId: task.id, signal: 'SIGKILL' } };
}

function starting(record: ServiceRecord, task: LocalTask, sight: Sight, settings: RolloutSettings, now: number): Turn {
  const lived = now - (task.startedAt ?? now);
  if (settings.port === undefined ? lived >= SETTLE_MS : sight.listening) {
    return {
      record: completeDeployment(
        withTask(record, (one) => ({ ...one, lastStatus: 'RUNNING' })),
        now,
      ),
    };
  }
  if (lived < settings.startTimeoutSeconds * 1_000) return { record };
  const reason = `Did not listen on port ${settings.port ?? '-'} within ${settings.startTimeoutSeconds} s.`;
  const inProgress = primaryOf(record)?.rolloutState === 'IN_PROGRESS';
  return { record: stopTask(inProgress ? failDeployment(record, reason, now) : record, reason) };
}

function withTask(record: ServiceRecord, change: (task: LocalTask) => LocalTask): ServiceRecord {
  const living = livingTask(record);
  return living ? { ...record, tasks: record.tasks.map((task) => (task === living ? change(task) : task)) } : record;
}

function completeDeployment(record: ServiceRecord, now: number): ServiceRecord {
  const primary = primaryOf(record);
  if (primary?.rolloutState !== 'IN_PROGRESS') return record;
  const rolloutStateReason = `ECS deployment ${primary.id} completed.`;
  return { ...record, deployments: [{ ...primary, rolloutState: 'COMPLETED', rolloutStateReason, updatedAt: now }] };
}

function failDeployment(record: ServiceRecord, reason: string, now: number): ServiceRecord {
  const deployments = record.deployments.map((one): LocalDeployment => {
    if (one.status !== 'PRIMARY') return one;
    const rolloutStateReason = `ECS deployment ${one.id} failed: ${reason}`;
    return { ...one, rolloutState: 'FAILED', rolloutStateReason, failedTasks: one.failedTasks + 1, updatedAt: now };
  });
  return { ...record, deployments };
}
