// A queue falls behind for hours: its messages come late and in any order.
import { DAY_MS, HOUR_MS } from '../world/clocks.ts';
import { type Fault, recurs } from './fault.ts';

export const backlog: Fault = {
  kind: 'backlog of a queue',
  plan(world, random, end) {
    recurs(world, random, random.between(0.3, 3) * DAY_MS, end, () => {
      const { probe, restart, alert } = world.queues;
      const queue = random.pick([probe, restart, restart, alert]);
      world.stats.injected('backlog of a queue');
      queue.backlogMs = random.int(1_000, 240_000);
      world.engine.at(Math.round(world.engine.now + random.wait(6 * HOUR_MS)), () => void (queue.backlogMs = 0));
    });
  },
};
