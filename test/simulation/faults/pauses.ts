// Services that people pause on purpose: until a given time or until they think of it again; healthy ones, those that
// are down, and those for which a restart was just ordered.
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../world/clocks.ts';
import type { SimService } from '../world/sim-service.ts';
import { type Fault, recurs } from './fault.ts';

export const pauses: Fault = {
  kind: 'pauses of people',
  plan(world, random, end) {
    const { engine, stats, people, services } = world;
    const pause = (service: SimService): void => {
      const forMs = random.wait(random.pick([10 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS]));
      const until = random.chance(0.5) ? Math.ceil(engine.now + forMs) : undefined;
      stats.injected(until === undefined ? 'paused until resumed' : 'paused until a time');
      people.wishes(service, { kind: 'paused', by: 'ada', reason: 'a new disk', until });
      if (until !== undefined && random.chance(0.7)) return;
      engine.stirAt(Math.round(engine.now + random.next() * forMs), () => {
        stats.injected('resumed by a person');
        people.wishes(service, { kind: 'resumed', by: 'ada' });
      });
    };
    recurs(world, random, (random.between(0.5, 5) * DAY_MS) / services.length, end, () => {
      const down = services.filter(({ isWell }) => !isWell);
      pause(random.pick(down.length > 0 && random.chance(0.6) ? down : services));
    });
    // Also between an order and its sending.
    const share = random.next() * 0.2;
    world.onOrder.push((service) => {
      if (engine.now < end && random.chance(share))
        engine.stirAt(engine.now + random.int(0, 200), () => pause(service));
    });
  },
};
