// A roll-up: what is kept about a stretch of time, for one service or many. Everything in it can be added up, so that
// hours make days, services make projects, and a window of any length is one sum. docs/numbers.md defines each count.
import * as z from 'zod/mini';

import { type Health, healths } from '../model/conditions.ts';
import { verdicts } from '../model/observation.ts';
import { mergeSketches, type Sketch } from './latency-sketch.ts';

/** Times are in ms. A mean is kept as its sum and the number of what was summed. */
export const plainCounts = [
  'watchedMs', // hours in which a verdict other than unknown came in
  ...verdicts.map((verdict) => `verdict.${verdict}` as const),
  'latencyMs', // sum over all good answers
  'failures', // times that it became unhealthy
  'downMs', // from there to the verified recovery
  'detect.count',
  'detect.ms', // from the first look without an answer to unhealthy
  'recovered.restarted.count',
  'recovered.restarted.ms', // from unhealthy to recovered, of incidents with a restart
  'recovered.alone.count',
  'recovered.alone.ms', // likewise, without any
  'heal.count',
  'heal.ms', // from a restart's order to its verification
] as const;
export type RestartEnd = 'completed' | 'failed' | 'relapsed';
/** `restart.` names the step by its place and kind, as in `restart.1 ecs.completed`. */
export type CountName =
  (typeof plainCounts)[number] | `restart.${string}.${RestartEnd}` | `alert.${string}` | `held.${string}`;
export type Counts = Partial<Readonly<Record<CountName, number>>>;

const number = z.number();
export const rollSchema = z.object({
  /** What is 0 is left out. Names of newer versions are kept, and added up like all others. */
  counts: z.record(z.string(), number),
  latencies: z.array(z.tuple([z.int(), number])),
  /**
   * Restarts that ended, and those of them after which the service kept going, by service; only where there were any.
   */
  restarted: z.record(z.string(), z.object({ ended: number, lasting: number })),
  /** How many services had each health at the end. */
  healths: z.partialRecord(z.enum(healths), number),
});
export type Roll = Readonly<Omit<z.infer<typeof rollSchema>, 'latencies'> & { latencies: Sketch }>;

export const emptyRoll: Roll = { counts: {}, latencies: [], restarted: {}, healths: {} };

export const countOf = ({ counts }: Pick<Roll, 'counts'>, name: CountName): number => counts[name] ?? 0;

/** The roll-up of several services in the same time. */
export const together = (rolls: readonly Roll[]): Roll => ({
  ...summed(rolls),
  healths: addUp(rolls.map(({ healths }) => healths)),
});

/** The roll-up of the same services over consecutive times, oldest first: their healths are those of the last one. */
export const inSequence = (rolls: readonly Roll[]): Roll => ({
  ...summed(rolls),
  healths: rolls.at(-1)?.healths ?? {},
});

function summed(rolls: readonly Roll[]): Omit<Roll, 'healths'> {
  const restarted: Record<string, { ended: number; lasting: number }> = {};
  for (const roll of rolls)
    for (const [service, { ended, lasting }] of Object.entries(roll.restarted)) {
      const before = restarted[service] ?? { ended: 0, lasting: 0 };
      restarted[service] = { ended: before.ended + ended, lasting: before.lasting + lasting };
    }
  return {
    counts: addUp(rolls.map(({ counts }) => counts)),
    latencies: mergeSketches(rolls.map(({ latencies }) => latencies)),
    restarted,
  };
}

/** Name by name; what comes to 0 is left out. */
export function addUp(all: readonly Readonly<Record<string, number | undefined>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all)
    for (const [name, count = 0] of Object.entries(counts)) if (count !== 0) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

/** One service with this health. */
export const standing = (health: Health | undefined): Roll['healths'] => (health === undefined ? {} : { [health]: 1 });
