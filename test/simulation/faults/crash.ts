// A service crashes; a restart heals it. Left alone it stays down for hours.
import { DAY_MS, HOUR_MS } from '../world/clocks.ts';
import { befalls, downCauses, type Fault, recurs } from './fault.ts';

export const crash: Fault = {
  kind: 'crash',
  plan(world, random, end) {
    const meanMs = (random.between(0.3, 4) * DAY_MS) / world.services.length;
    recurs(world, random, meanMs, end, () => {
      const cause = random.pick(downCauses);
      const ailment = { kind: 'crash', verdict: 'down', cause, isHealedByRestart: true } as const;
      befalls(world, random.pick(world.services), ailment, random.between(1, 12) * HOUR_MS);
    });
  },
};
