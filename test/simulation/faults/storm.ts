// Many services at once: a storm of crashes that restarts heal, or the outage of something that all of them need, which
// ends for all at once and which no restart heals.
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../world/clocks.ts';
import { befalls, downCauses, type Fault, recurs } from './fault.ts';

export const storm: Fault = {
  kind: 'storm',
  plan(world, random, end) {
    recurs(world, random, random.between(0.1, 3) * DAY_MS, end, () => {
      const share = random.between(0.3, 1);
      const cause = random.pick(downCauses);
      for (const service of world.services.filter(() => random.chance(share))) {
        const ailment = { kind: 'storm', verdict: 'down', cause, isHealedByRestart: true } as const;
        // It is over for good when the world becomes quiet.
        world.engine.at(Math.min(world.engine.now + random.int(0, 60_000), end - 1), () =>
          befalls(world, service, ailment, random.between(0.2, 4) * HOUR_MS),
        );
      }
    });
  },
};

export const sharedOutage: Fault = {
  kind: 'shared outage',
  plan(world, random, end) {
    recurs(world, random, random.between(0.1, 3) * DAY_MS, end, () => {
      const forMs = random.wait(40 * MINUTE_MS);
      const share = random.between(0.2, 0.8);
      const verdict = random.pick(['down', 'down', 'slow'] as const);
      const cause = verdict === 'down' ? random.pick(downCauses) : 'too_slow';
      for (const service of world.services.filter(() => random.chance(share)))
        befalls(world, service, { kind: 'shared outage', verdict, cause, isHealedByRestart: false }, forMs);
    });
  },
};
