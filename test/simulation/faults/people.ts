// What people do: order restarts, cancel them, ask for probes, change registrations, and switch restarts off for all.
import { DAY_MS, HOUR_MS } from '../world/clocks.ts';
import { withActs } from '../world/draw-acts.ts';
import { drawDocument } from '../world/draw-fleet.ts';
import { type Fault, recurs } from './fault.ts';

export const orders: Fault = {
  kind: 'orders of people',
  plan(world, random, end) {
    recurs(world, random, (random.between(0.5, 5) * DAY_MS) / world.services.length, end, () => {
      const service = random.pick(world.services);
      const force = random.chance(0.3);
      world.stats.injected(force ? 'restart forced by a person' : 'restart asked for by a person');
      world.people.wishes(service, { kind: 'requested', by: 'ada', reason: 'it hangs', force });
      if (!random.chance(0.4)) return;
      world.engine.stirAt(world.engine.now + random.int(0, 3_000), () => {
        world.stats.injected('restart cancelled by a person');
        world.people.wishes(service, { kind: 'cancelled', by: 'bob' });
      });
    });
    recurs(world, random, random.between(0.05, 1) * DAY_MS, end, () => {
      // A person who sees that something is down asks for a probe, and for another.
      const down = world.services.filter(({ isWell }) => !isWell);
      const service = random.pick(down.length > 0 && random.chance(0.7) ? down : world.services);
      for (let look = random.int(1, 5), at = world.engine.now; look > 0; look -= 1, at += random.int(1_000, 15_000))
        world.engine.stirAt(at, () => {
          world.stats.injected('look asked for by a person');
          world.people.looks(service);
        });
    });
    // A person sees at once what Lamplighter itself has ordered, and does not want it.
    const share = random.next() * 0.3;
    world.onOrder.push((service) => {
      const { engine } = world;
      if (engine.now >= end || !random.chance(share)) return;
      engine.stirAt(engine.now + random.int(0, 200), () => {
        world.stats.injected('automatic restart cancelled by a person');
        world.people.wishes(service, { kind: 'cancelled', by: 'bob' });
      });
    });
  },
};

export const changes: Fault = {
  kind: 'changed registrations',
  plan(world, random, end) {
    recurs(world, random, (random.between(2, 20) * DAY_MS) / world.services.length, end, () => {
      const service = random.pick(world.services);
      world.stats.injected('registration replaced');
      service.document = {
        ...withActs(world.acts, drawDocument(random, service.key, [60, 120])),
        ...service.groups.document,
        ...world.dependencies.drawAnew(service),
      };
      world.observer.tells(service, () => `registered anew: ${JSON.stringify(service.document)}`);
      world.people.register(service);
    });
  },
};

export const switchedOff: Fault = {
  kind: 'restarts switched off',
  plan(world, random, end) {
    const { engine, fleet, stats } = world;
    const switchOff = (): void => {
      stats.injected('restarts switched off for the fleet');
      void fleet.switchTo({ restartsOn: false, changedBy: 'ann', reason: 'we move' });
      engine.at(Math.round(engine.now + random.wait(2 * HOUR_MS)), () => void fleet.switchTo({ restartsOn: true }));
    };
    recurs(world, random, random.between(1, 6) * DAY_MS, end, switchOff);
    // Also between an order and its sending.
    const share = random.next() * 0.05;
    world.onOrder.push(() => {
      if (engine.now < end && random.chance(share)) engine.at(engine.now + random.int(0, 200), switchOff);
    });
  },
};
