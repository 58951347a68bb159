// Services that drift away from their own past, as the rollup function finds them: reported every quarter of an hour,
// now and then twice or late, and beside everything else that happens to them.
import { changeService, leftToRounds } from '../../../lambdas/flow/change-service.ts';
import { trendSeen } from '../../make/event.ts';
import { HOUR_MS } from '../world/clocks.ts';
import { changePorts } from '../world/functions.ts';
import type { SimService } from '../world/sim-service.ts';
import type { World } from '../world/world.ts';
import { type Fault, recurs } from './fault.ts';

const QUARTER_MS = 900_000;

export const drifts: Fault = {
  kind: 'drifts',
  plan(world, random, end) {
    const { engine, stats } = world;
    recurs(world, random, random.between(2, 20) * HOUR_MS, end, () => {
      const service = random.pick(world.services);
      const kind = random.pick(['latency', 'errors'] as const);
      // No drift is found any more when the world is quiet.
      const quarters = Math.min(random.int(1, 20), Math.floor((end - engine.now) / QUARTER_MS));
      stats.injected('drift');
      for (let nth = 0; nth <= quarters; nth += 1) {
        const at = engine.now + nth * QUARTER_MS;
        const late = random.chance(0.1) ? random.int(0, HOUR_MS) : 0;
        for (let times = random.chance(0.2) ? 2 : 1; times > 0; times -= 1)
          engine.stirAt(at + late, () => finds(world, service, at, nth < quarters ? kind : undefined));
      }
    });
  },
};

function finds(world: World, { key }: SimService, at: number, kind: 'latency' | 'errors' | undefined): void {
  world.invoke('rollup', async (invocation) => {
    const event = trendSeen(at, kind);
    invocation.memory.trend = event;
    const cause = { correlationId: 'trends', signal: invocation.signal };
    // As the rollup function does it: it has no queue, and the rounds hand its alerts on.
    await changeService(key, [event], { ...changePorts(world, invocation), outbox: leftToRounds }, cause);
  });
}
