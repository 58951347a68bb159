// Since when an ECS service has been short of tasks. ECS does not say so; the start and stop times of its tasks do.

/** When a task ran, epoch ms; a task that never ran has neither time. */
export type TaskLife = Readonly<{
  startedAt?: number | undefined;
  /** Absent while it runs or is still stopping. */
  stoppedAt?: number | undefined;
  stoppedReason?: string | undefined;
}>;

/**
 * How ECS says that it has stopped a task because fewer are wanted, or because a deployment has put another in its
 * place.
 */
const ON_PURPOSE = /^Scaling activity initiated by/;

/**
 * The time (epoch ms) at which a task stopped and since which fewer run than `desired`. Undefined when none is missing:
 *
 * - That many never ran together as far back as ECS tells, or were more than was wanted then. Tasks are being added, which
 *   may take minutes if machines have to be added for them.
 * - A task is still stopping. It is being drained, and whatever was lost before has been replaced.
 * - As many tasks have started since as were lost. What is short then are tasks that are wanted again.
 *
 * `unseen`: how many run beside these, nobody knows since when.
 */
export function shortSince(lives: readonly TaskLife[], desired: number, unseen = 0): number | undefined {
  const livedAt = (at: number) =>
    lives.filter(({ startedAt = Infinity, stoppedAt = Infinity }) => startedAt < at && at <= stoppedAt).length;
  if (livedAt(Infinity) + unseen >= desired) return undefined;
  const enough = lives
    .filter(({ startedAt, stoppedAt }) => startedAt !== undefined && stoppedAt !== undefined)
    .sort((a, b) => Number(b.stoppedAt) - Number(a.stoppedAt))
    .find(({ stoppedAt = 0 }) => livedAt(stoppedAt) + unseen >= desired);
  if (enough?.stoppedAt === undefined || isMeant(enough)) return undefined;
  const { stoppedAt: since } = enough;
  const ran = lives.filter(({ startedAt }) => startedAt !== undefined);
  const lost = ran.filter((life) => Number(life.stoppedAt) >= since && !isMeant(life));
  const begun = ran.filter(({ startedAt }) => Number(startedAt) >= since);
  return lost.length > begun.length ? since : undefined;
}

const isMeant = ({ stoppedReason = '' }: TaskLife): boolean => ON_PURPOSE.test(stoppedReason);
