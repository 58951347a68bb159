// People who acknowledge an open incident, for some minutes or to its end.
import { DAY_MS, HOUR_MS } from '../world/clocks.ts';
import { type Fault, recurs } from './fault.ts';

export const acknowledging: Fault = {
  kind: 'incidents acknowledged',
  plan(world, random, end) {
    recurs(world, random, (random.between(0.1, 1) * DAY_MS) / world.services.length, end, () => {
      const ill = world.services.filter(({ isWell }) => !isWell);
      const service = random.pick(ill.length > 0 ? ill : world.services);
      const until = random.chance(0.5) ? Math.round(world.engine.now + random.wait(HOUR_MS)) : undefined;
      world.stats.injected('incident acknowledged by a person');
      world.people.wishes(service, { kind: 'acknowledged', by: 'eve', until });
    });
  },
};
