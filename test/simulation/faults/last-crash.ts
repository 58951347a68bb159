// The last act: in a quiet world a few services crash that a restart heals and that may be restarted.
import { DAY_MS, HOUR_MS } from '../world/clocks.ts';
import type { SimService } from '../world/sim-service.ts';
import type { World } from '../world/world.ts';
import { befalls } from './fault.ts';

const CRASH = { kind: 'crash in a quiet world', verdict: 'down', cause: 'refused', isHealedByRestart: true } as const;

/** Fewer than any storm. */
const CRASHES = 3;

/** Those that may be restarted, with their whole budget, in any order. */
function rested({ engine, observer, table, fate, services }: World): readonly SimService[] {
  const first = fate.int(0, services.length - 1);
  return [...services.slice(first), ...services.slice(0, first)].filter((service) => {
    const spec = table.itemOf(service.key)?.stored.service;
    // No window is longer than a day here; an order counts although it may never have been sent, from when it might have been:
    // it may wait for hours until others are over.
    const isFree = observer
      .of(service)
      .orders.every(({ at, endedAt = at, isCancelled }) => isCancelled || endedAt < engine.now - DAY_MS - HOUR_MS);
    return spec?.restart.mode === 'on' && spec.restart.steps.length > 0 && isFree;
  });
}

/**
 * Strikes the first of them, as long as those that go down with them are not more than any weather brings; `strikes` says
 * whether it could. The number of those that were struck.
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
