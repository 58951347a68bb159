// What people do around the acts of restarts: force, reload, change the time to wait for requests, and cancel restarts
// that are being prepared.
import { DAY_MS } from '../world/clocks.ts';
import { type Fault, recurs } from './fault.ts';

export const actOrders: Fault = {
  kind: 'people and acts',
  plan(world, random, end) {
    const { engine, people, stats, services } = world;
    recurs(world, random, (random.between(0.5, 4) * DAY_MS) / services.length, end, () => {
      const service = random.pick(services);
      const force = random.chance(0.3);
      const mode = random.chance(0.3) ? 'reload' : 'restart';
      const drainSeconds = random.chance(0.3) ? random.int(1, 60) : undefined;
      stats.injected(`${mode}${force ? ' forced' : ''} by a person`);
      people.wishes(service, { kind: 'requested', by: 'eve', reason: 'a new setting', force, mode, drainSeconds });
      if (!random.chance(0.4)) return;
      engine.stirAt(engine.now + random.int(0, 60_000), () => {
        stats.injected('cancelled while it is prepared');
        people.wishes(service, { kind: 'cancelled', by: 'bob' });
      });
    });
    const share = random.next() * 0.2;
    world.onOrder.push((service) => {
      if (engine.now >= end || !random.chance(share)) return;
      engine.stirAt(engine.now + random.int(0, 40_000), () => {
        stats.injected('cancelled while it is prepared');
        people.wishes(service, { kind: 'cancelled', by: 'bob' });
      });
    });
  },
};
