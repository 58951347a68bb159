// What ECS's own state of a service says about it. Pure; the prober beside ECS hands in what ECS answered.
import type { Cause, Observation } from '../model/observation.ts';
import type { EcsProbe } from '../model/probe-spec.ts';

/** The state of an ECS service. Counts are tasks, times epoch ms. */
export type EcsState = Readonly<{
  desired: number;
  /** One task on each host: `desired` is how many hosts there are for it, which nobody has chosen. */
  isDaemon?: boolean | undefined;
  running: number;
  pending: number;
  /** Tasks that are being stopped but still run. */
  stopping: number;
  deployments: readonly Readonly<{
    /** PRIMARY is the one that ECS is bringing the service to. */
    status?: string | undefined;
    /** IN_PROGRESS, COMPLETED or FAILED; not every service has one. */
    rolloutState?: string | undefined;
    /** Tasks in a row that did not come up. */
    failedTasks: number;
    createdAt?: number | undefined;
  }>[];
  /** Looked up only where fewer run than should. */
  lastStopReason?: string | undefined;
  lastStoppedAt?: number | undefined;
  /** When the stop of a task left too few (ecs-shortage.ts); absent if no task was lost. */
  shortSince?: number | undefined;
}>;

/** This many tasks that fail one after the other are no accident, whatever still runs. */
const FAILING_TASKS = 2;
const LONGEST_REASON = 300;

/**
 * Words in a stop reason that mean an error, of ECS itself or of a container. A process that was asked to end exits
 * with 143.
 */
const ERRORS =
  /exited with (?!0\b|143\b)\d|did not run|OutOfMemory|CannotPull|CannotStart|failed|unhealthy|ResourceInit/i;

/**
 * The verdict on the state of an ECS service; `state` is undefined where there is no such service. No running task is
 * down at once, and only the failure threshold delays a restart; some running tasks are `slow` until the grace is over.
 * Scaled to zero on purpose is up.
 */
export function judgeEcs(state: EcsState | undefined, probe: EcsProbe, now: number): Observation {
  if (!state) return down('container_stopped', `ECS knows no service ${probe.cluster}/${probe.service}`);
  const { desired, running } = state;
  if (desired === 0) return nothingWanted(state);
  const told = wordsFor(state);
  const cause = causeOf(state);
  if (hasFailed(state)) return down(cause, `the rollout has failed: ${told}`);
  if (running >= desired) return { verdict: 'up', cause: 'none' };
  if (running === 0 || failedTasks(state) >= FAILING_TASKS) return down(cause, told);
  const belowMs = now - (belowSince(state) ?? now);
  if (belowMs > probe.graceSeconds * 1000) return down(cause, `${told}; for ${Math.floor(belowMs / 1000)} s`);
  return { verdict: 'slow', cause, message: told };
}

/** A daemon that has lost all its hosts has not recovered by that, as `up` or `slow` would say: nothing of it runs. */
const nothingWanted = ({ isDaemon, running }: EcsState): Observation =>
  isDaemon && running === 0
    ? down('container_stopped', 'it runs once on each host, and there is none for it')
    : { verdict: 'up', cause: 'none', message: 'scaled to zero on purpose' };

const primaryOf = ({ deployments }: Pick<EcsState, 'deployments'>) =>
  deployments.find(({ status }) => status === 'PRIMARY');
const hasFailed = (state: EcsState): boolean => primaryOf(state)?.rolloutState === 'FAILED';
const failedTasks = (state: EcsState): number => primaryOf(state)?.failedTasks ?? 0;

/**
 * Since when fewer tasks run than should, as far as ECS tells: since one was lost, or since a rollout last made
 * progress. A rollout that is stopping a task makes progress; that may take minutes while connections are drained.
 */
function belowSince({ shortSince, lastStoppedAt = 0, ...state }: EcsState): number | undefined {
  const primary = primaryOf(state);
  if (shortSince !== undefined || primary?.rolloutState !== 'IN_PROGRESS' || state.stopping > 0) return shortSince;
  return primary.createdAt === undefined ? undefined : Math.max(primary.createdAt, lastStoppedAt);
}

const causeOf = (state: EcsState): Cause =>
  hasFailed(state) || failedTasks(state) > 0 || ERRORS.test(state.lastStopReason ?? '')
    ? 'container_error'
    : 'container_stopped';

/** `1 of 2 tasks run, 1 starting; the last one stopped: …`. */
function wordsFor({ desired, running, pending, stopping, lastStopReason }: EcsState): string {
  const moving = [pending > 0 ? `, ${pending} starting` : '', stopping > 0 ? `, ${stopping} stopping` : ''].join('');
  const stop = lastStopReason === undefined ? '' : `; the last one stopped: ${lastStopReason.slice(0, LONGEST_REASON)}`;
  return `${running} of ${desired} tasks run${moving}${stop}`;
}

const down = (cause: Cause, message: string): Observation => ({ verdict: 'down', cause, message });
