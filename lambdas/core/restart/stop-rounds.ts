// Which unhealthy tasks of an ECS service are stopped, a few at a time, and when no more of them are.

/**
 * How many are stopped at once: an unhealthy task may still serve some requests. The next ones follow when those are
 * replaced.
 */
const ROUND = 10;
/** The most that one order stops: a service with more unhealthy tasks needs a different step. */
const MOST = 100;

type Task = Readonly<{ healthStatus: string; startedAt?: Date | undefined }>;
/** Tasks as ECS lists them. Without `isWhole` there are more than were looked at. */
export type Listed<T> = Readonly<{ tasks: readonly T[]; isWhole: boolean }>;

/** Those that ECS calls unhealthy, oldest first. */
const unhealthy = <T extends Task>(tasks: readonly T[]): readonly T[] =>
  tasks.filter(isUnhealthy).sort((a, b) => startOf(a) - startOf(b));
const startOf = ({ startedAt }: Task): number => startedAt?.getTime() ?? 0;
export const isUnhealthy = ({ healthStatus }: Task): boolean => healthStatus === 'UNHEALTHY';

/** The tasks that an order stops first. */
export const firstRound = <T extends Task>({ tasks }: Listed<T>): readonly T[] => unhealthy(tasks).slice(0, ROUND);

export type NextRound<T> =
  /** `left`: how many unhealthy ones there are, with these. */
  | Readonly<{ kind: 'stop'; tasks: readonly T[]; left: number }>
  /** `rest`: what is to be said of those that are left, to follow a sentence; empty where none is. */
  | Readonly<{ kind: 'over'; rest: string }>;

/**
 * What follows when all tasks that an order has stopped were replaced: the next round, or the end if none is left, no
 * more may be stopped, or somebody has deployed meanwhile. Tasks that were started since `begunAt` (epoch ms) and are
 * unhealthy again are not stopped: that would go on for ever. Unless all stopped tasks are listed, nobody can tell how
 * many this order has stopped, so it stops no more.
 */
export function nextRound<T extends Task>(
  running: Listed<T>,
  {
    count,
    isCounted,
    isOurs,
    begunAt,
  }: Readonly<{
    /** How many the order has stopped so far, and whether those are all. */
    count: number;
    isCounted: boolean;
    /** It is still the deployment from before. */
    isOurs: boolean;
    begunAt: number;
  }>,
): NextRound<T> {
  const left = unhealthy(running.tasks).filter(({ startedAt }) => Number(startedAt) < begunAt);
  const why = !isOurs
    ? 'somebody has deployed meanwhile'
    : !isCounted
      ? 'too many tasks have stopped to tell which ones this restart has'
      : `no more than ${MOST} are stopped by one restart`;
  const most = isOurs && isCounted ? Math.min(ROUND, MOST - count) : 0;
  if (left.length > 0 && most > 0) return { kind: 'stop', tasks: left.slice(0, most), left: left.length };
  if (left.length > 0) return { kind: 'over', rest: `; ${leftWords(left.length, running)}: ${why}` };
  return { kind: 'over', rest: running.isWhole ? '' : `; no more than ${running.tasks.length} were looked at` };
}

/** `3 unhealthy ones are left`; of more tasks than were looked at `at least 3`. */
const leftWords = (left: number, running: Listed<unknown>): string =>
  `${atLeast(left, running)} unhealthy ones are left`;

/** A number of tasks, as far as those were looked at. */
export const atLeast = (count: number, { isWhole }: Pick<Listed<unknown>, 'isWhole'>): string =>
  isWhole ? String(count) : `at least ${count}`;
