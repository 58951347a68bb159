// The scheduler stops: for minutes, for hours, and now and then for a week.
import { DAY_MS, HOUR_MS } from '../world/clocks.ts';
import { type Fault, recurs } from './fault.ts';

export const noRounds: Fault = {
  kind: 'no rounds',
  plan(world, random, end) {
    const stopFor = (ms: number): void => {
      world.stats.injected(ms >= 7 * DAY_MS ? 'a week without rounds' : 'hours without rounds');
      world.rounds.stops += 1;
      const until = world.engine.now + ms;
      world.stats.happened('hours without rounds', Math.min(until, end) / HOUR_MS - world.engine.now / HOUR_MS);
      world.engine.at(Math.round(until), () => void (world.rounds.stops = Math.max(0, world.rounds.stops - 1)));
    };
    recurs(world, random, random.between(1, 6) * DAY_MS, end, () => stopFor(random.wait(HOUR_MS)));
    if (end - world.engine.now > 9 * DAY_MS && random.chance(0.5))
      world.engine.at(world.engine.now + Math.round(random.between(0.5, 1) * DAY_MS), () => stopFor(7 * DAY_MS));
  },
};
