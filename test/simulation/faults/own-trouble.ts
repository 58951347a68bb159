// Our own trouble: a prober without any verdict but `unknown`, and items that cannot be decoded.
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../world/clocks.ts';
import { type Fault, recurs } from './fault.ts';

export const ownTrouble: Fault = {
  kind: 'own trouble',
  plan(world, random, end) {
    recurs(world, random, random.between(0.5, 4) * DAY_MS, end, () => {
      world.stats.injected('own trouble');
      world.network.ownTroubles += 1;
      world.engine.at(Math.round(world.engine.now + random.wait(20 * MINUTE_MS)), () => {
        world.network.ownTroubles = Math.max(0, world.network.ownTroubles - 1);
      });
    });
  },
};

export const poison: Fault = {
  kind: 'poisoned item',
  plan(world, random, end) {
    recurs(world, random, random.between(1, 5) * DAY_MS, end, () => {
      const service = random.pick(world.services);
      const item = world.table.itemOf(service.key);
      if (!item) return;
      world.stats.injected('poisoned item');
      world.observer.tells(service, () => 'its item cannot be decoded for a while');
      item.isPoisoned = true;
      world.engine.at(Math.round(world.engine.now + random.wait(HOUR_MS)), () => void (item.isPoisoned = false));
    });
  },
};
