// A service is down, and no restart heals it: a broken image, a lost disk.
import { DAY_MS, HOUR_MS } from '../world/clocks.ts';
import { befalls, downCauses, type Fault, recurs } from './fault.ts';

export const stubborn: Fault = {
  kind: 'stubborn outage',
  plan(world, random, end) {
    const meanMs = (random.between(1, 10) * DAY_MS) / world.services.length;
    recurs(world, random, meanMs, end, () => {
      const cause = random.pick(downCauses);
      const ailment = { kind: 'stubborn outage', verdict: 'down', cause, isHealedByRestart: false } as const;
      befalls(world, random.pick(world.services), ailment, random.wait(2 * HOUR_MS));
    });
  },
};
