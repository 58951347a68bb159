// A round becomes work: whole shards are packed into messages of a few hundred services, one per pack and beat.
import type { PackMessage, ShardCount } from '../../contract/messages.ts';
import type { Network } from '../../contract/networks.ts';
import { beatsOfMinute, stepFor } from './due.ts';
import { asSent, servicesOf } from './shard-count.ts';

/** Big enough to keep a function busy, small enough to be done within a probe's timeout at 100 in flight. */
export const SERVICES_PER_PACK = 250;
const MINUTE_MS = 60_000;

export type PlannedPack = Readonly<{ message: PackMessage; delaySeconds: number }>;

/**
 * All messages of the minute that holds `roundAt` (epoch ms), for the prober of one network; shards that hold nothing
 * for it are skipped.
 */
export function planRound(
  counts: readonly ShardCount[],
  roundAt: number,
  correlationId: string,
  network: Network = 'public',
  hasStorms = false,
): readonly PlannedPack[] {
  const minute = Math.floor(roundAt / MINUTE_MS) * MINUTE_MS;
  const filled = counts.map(asSent).filter((count) => servicesOf(count, network) > 0);
  const steps = [...new Set(filled.map(({ fastestSeconds }) => stepFor(fastestSeconds)))];
  return steps.flatMap((stepSeconds) => {
    const ofStep = filled.filter(({ fastestSeconds }) => stepFor(fastestSeconds) === stepSeconds);
    const packs = packShards(ofStep, network);
    return beatsOfMinute(stepSeconds).flatMap((delaySeconds) =>
      packs.map((shards) => ({
        delaySeconds,
        message: {
          kind: 'pack',
          correlationId,
          beat: minute + delaySeconds * 1000,
          stepSeconds,
          shards,
          // One check a minute whether it is over is enough.
          ...(hasStorms && delaySeconds === 0 && shards === packs[0] && { hasStorms }),
        } as const,
      })),
    );
  });
}

/** First fit in order: a shard is never split, and a large one travels alone. */
function packShards(counts: readonly ShardCount[], network: Network): readonly (readonly ShardCount[])[] {
  const packs: { shards: ShardCount[]; services: number }[] = [];
  for (const count of counts) {
    const held = servicesOf(count, network);
    const open = packs.find(({ services }) => services + held <= SERVICES_PER_PACK);
    if (open) {
      open.shards.push(count);
      open.services += held;
    } else packs.push({ shards: [count], services: held });
  }
  return packs.map(({ shards }) => shards);
}
