// The last act: in a quiet world a few services crash that a restart heals and that may be restarted.
import { DAY_MS, HOUR_MS } from '../world/clocks.ts';
import type { SimService } from '../world/sim-service.ts';
import type { World } from '../world/world.ts';
import { befalls } from './fault.ts';

const CRASH = { kind: 'crash in a quiet world', verdict: 'down', cause: 'refused', isHealedByRestart: true } as const;

/** Fewer than any storm. */
export const CRASHES = 3;

/** Those that may be restarted, with their whole budget, in any order. */
export function rested({ engine, observer, table, fate, services }: World): readonly SimService[] {
  const first = fate.int(0, services.length - 1);
  return [...services.slice(first), ...services.slice(0, first)].filter((service) => {
    const spec = table.itemOf(service.key)?.stored.service;
    // No window is longer than a day here; an order counts although it may never have been sent.
    const isFree = observer
      .of(service)
      .orders.every(({ at, isCancelled }) => isCancelled || at < engine.now - DAY_MS - HOUR_MS);
    return spec?.restart.mode === 'on' && spec.restart.steps.length > 0 && isFree;
  });
}

export function crashSome(world: World): void {
  const { engine, observer } = world;
  for (const service of rested(world).slice(0, CRASHES)) {
    observer.of(service).crashedAt = engine.now;
    befalls(world, service, CRASH, Infinity);
  }
}
