// A service that comes and goes, for an hour or so.
import { DAY_MS, HOUR_MS } from '../world/clocks.ts';
import { befalls, type Fault, recurs } from './fault.ts';

export const flapping: Fault = {
  kind: 'flapping',
  plan(world, random, end) {
    const meanMs = (random.between(2, 10) * DAY_MS) / world.services.length;
    recurs(world, random, meanMs, end, () => {
      const service = random.pick(world.services);
      const verdict = random.pick(['down', 'down', 'slow'] as const);
      const [beatMs, share] = [random.between(10_000, 240_000), random.between(0.2, 0.8)];
      const until = Math.min(end, world.engine.now + random.wait(HOUR_MS));
      recurs(world, random, beatMs, until, () => {
        const cause = verdict === 'down' ? 'refused' : 'too_slow';
        befalls(
          world,
          service,
          { kind: 'flapping', verdict, cause, isHealedByRestart: false },
          random.wait(beatMs * share),
        );
      });
    });
  },
};
