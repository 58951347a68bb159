// Faults that the first step of a ladder does not heal and the second one does.
import { remedyOf } from '../world/backends/remedy.ts';
import { DAY_MS, HOUR_MS } from '../world/clocks.ts';
import type { Ailment, SimService } from '../world/sim-service.ts';
import type { World } from '../world/world.ts';
import { befalls, downCauses, type Fault, recurs } from './fault.ts';

/** A fault that only the second step heals; undefined if there is none, or if it is not another remedy. */
export function resistantAilment({ table }: World, { key }: SimService, cause: Ailment['cause']): Ailment | undefined {
  const [first, second] = table.itemOf(key)?.stored.service.restart.steps ?? [];
  if (!first || !second || remedyOf(first) === remedyOf(second)) return undefined;
  return {
    kind: 'resists the first step',
    verdict: 'down',
    cause,
    isHealedByRestart: true,
    onlyBy: [remedyOf(second)],
  };
}

export const resistant: Fault = {
  kind: 'resists the first step',
  plan(world, random, end) {
    recurs(world, random, (random.between(0.3, 3) * DAY_MS) / world.services.length, end, () => {
      const service = random.pick(world.services);
      const ailment = resistantAilment(world, service, random.pick(downCauses));
      if (ailment) befalls(world, service, ailment, random.between(0.5, 6) * HOUR_MS);
    });
  },
};
