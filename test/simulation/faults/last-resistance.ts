// The very last act: in a quiet world, a few services get a fault that only the second step of their ladder heals, or a
// revision that only a rollback heals.
import { remedyOf } from '../world/backends/remedy.ts';
import type { SimService } from '../world/sim-service.ts';
import type { World } from '../world/world.ts';
import { befalls } from './fault.ts';
import { strikeFew } from './last-crash.ts';
import { resistantAilment } from './resistant.ts';
import { deployBroken } from './revisions.ts';

/** `false`: no service could show it. */
export function resistSome(world: World): boolean {
  const count = strikeFew(world, (service) => {
    if (!resists(world, service)) return false;
    world.observer.of(service).resistsSince = world.engine.now;
    return true;
  });
  return count > 0;
}

function resists(world: World, service: SimService): boolean {
  const { steps, rollback, maxRestarts } = world.table.itemOf(service.key)?.stored.service.restart ?? { steps: [] };
  const [first, second] = steps;
  const isWayBack = first && remedyOf(first) !== 'rollback' && rollback?.kind === 'ecs';
  const canRepeat = (maxRestarts ?? 1) > 1;
  const isSecondBack = second !== undefined && remedyOf(second) === 'rollback';
  if (isWayBack || (canRepeat && isSecondBack)) return deployBroken(world, service, Infinity);
  const ailment = canRepeat ? resistantAilment(world, service, 'refused') : undefined;
  if (!ailment) return false;
  befalls(world, service, ailment, Infinity);
  return true;
}
