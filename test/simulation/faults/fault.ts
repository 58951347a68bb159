// What may go wrong in the world. Each kind is a small file that plans what happens when; `faults/all.ts` lists them.
import type { Random } from '../engine/random.ts';
import type { Ailment, SimService } from '../world/sim-service.ts';
import type { World } from '../world/world.ts';

export type Fault = Readonly<{
  kind: string;
  /** Plans what happens between now and `end` (epoch ms of the world). */
  plan: (world: World, random: Random, end: number) => void;
}>;

/** Calls `happen` again and again, on average every `meanMs`, until `end`. */
export function recurs(world: World, random: Random, meanMs: number, end: number, happen: () => void): void {
  const at = world.engine.now + random.wait(meanMs);
  if (at >= end) return;
  // It may start invocations.
  world.engine.stirAt(Math.round(at), () => {
    happen();
    recurs(world, random, meanMs, end, happen);
  });
}

/** The service has the ailment until the time is over, or until something heals it. */
export function befalls(world: World, service: SimService, ailment: Ailment, forMs: number): void {
  world.stats.injected(ailment.kind);
  world.observer.tells(service, () => `FAULT ${ailment.kind}: ${ailment.verdict}, for ${Math.round(forMs / 1000)} s`);
  service.suffers(ailment);
  if (!Number.isFinite(forMs)) return;
  world.engine.at(Math.round(world.engine.now + forMs), () => {
    if (!service.ailments.includes(ailment)) return;
    service.isRidOf(ailment, world.engine.now);
    world.observer.tells(service, () => `it is over: ${ailment.kind}`);
  });
}

/** The ways in which services go down: at once, or by not answering. */
export const downCauses = ['refused', 'timeout', 'wrong_status', 'reset'] as const;
