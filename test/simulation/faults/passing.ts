// Trouble that passes by itself within minutes: down, slow, or not ready.
import { DAY_MS, MINUTE_MS } from '../world/clocks.ts';
import { befalls, downCauses, type Fault, recurs } from './fault.ts';

export const passing: Fault = {
  kind: 'passing trouble',
  plan(world, random, end) {
    const meanMs = (random.between(0.2, 2) * DAY_MS) / world.services.length;
    recurs(world, random, meanMs, end, () => {
      const verdict = random.pick(['down', 'down', 'slow', 'unready'] as const);
      const cause = verdict === 'down' ? random.pick(downCauses) : 'too_slow';
      const ailment = {
        kind: `passing trouble (${verdict})`,
        verdict,
        cause,
        isHealedByRestart: random.chance(0.5),
      } as const;
      befalls(world, random.pick(world.services), ailment, random.wait(10 * MINUTE_MS));
    });
  },
};
