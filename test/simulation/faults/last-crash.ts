// The last act: in a quiet world, a few services crash that may be restarted and that a restart heals.
import { DAY_MS, HOUR_MS } from '../world/clocks.ts';
import type { SimService } from '../world/sim-service.ts';
import type { World } from '../world/world.ts';
import { befalls } from './fault.ts';

const CRASH = { kind: 'crash in a quiet world', verdict: 'down', cause: 'refused', isHealedByRestart: true } as const;

/** Fewer than make any storm. */
const CRASHES = 3;

/** Services that may be restarted and have their whole budget, beginning anywhere. */
function rested({ engine, observer, table, fate, services }: World): readonly SimService[] {
  const first = fate.int(0, services.length - 1);
  return [...services.slice(first), ...services.slice(0, first)].filter((service) => {
    const spec = table.itemOf(service.key)?.stored.service;
    // No window is longer than a day here; an order counts even if it was never sent, and from its end, because it may
    // wait for hours until others are over.
    const isFree = observer
      .of(service)
      .orders.every(({ at, endedAt = at, isCancelled }) => isCancelled || endedAt < engine.now - DAY_MS - HOUR_MS);
    return spec?.restart.mode === 'on' && spec.restart.steps.length > 0 && isFree;
  });
}

/**
 * Strikes the first of them, as long as no more services go down with them than single failures would bring; `strikes`
 * returns whether it could. Returns how many were struck.
 */
export function strikeFew(world: World, strikes: (service: SimService) => boolean): number {
  const down = new Set<SimService>();
  const struck = rested(world).filter((service) => {
    const more = new Set([...down, ...world.dependencies.allWith(service)]);
    if (more.size > CRASHES || !strikes(service)) return false;
    for (const each of more) down.add(each);
    return true;
  });
  return struck.length;
}

export function crashSome(world: World): void {
  const { engine, observer } = world;
  strikeFew(world, (service) => {
    observer.of(service).crashedAt = engine.now;
    befalls(world, service, CRASH, Infinity);
    return true;
  });
}
