// What happens to the tasks of services with an `ecs` probe: some are lost, and mostly replaced at once; people and
// autoscaling want more of them or fewer, and deployments replace them all.
import { MINUTE_MS } from '../world/clocks.ts';
import { type Fault, recurs } from './fault.ts';

/** Shorter than any grace, so that a rollout that goes well is never called down. */
const STARTS_MS = 45_000;
/** Behind a load balancer connections are drained, by default for five minutes. */
const DRAINS_MS = 5 * MINUTE_MS;

export const ecsTasks: Fault = {
  kind: 'tasks that come and go',
  plan(world, random, end) {
    const standings = [...world.standings];
    if (standings.length === 0) return;
    const soonOr = (mostMinutes: number) => () =>
      random.chance(0.6) ? random.between(5_000, STARTS_MS) : random.between(1, mostMinutes) * MINUTE_MS;
    const [replaced, added] = [soonOr(40), soonOr(50)];
    const drains = () => (random.chance(0.5) ? 0 : random.between(0, DRAINS_MS));
    recurs(world, random, (random.between(20, 240) * MINUTE_MS) / standings.length, end, () => {
      const [service, standing] = random.pick(standings);
      const kind = random.pick(['task lost', 'task lost', 'scaled out', 'scaled in', 'rolled out'] as const);
      if (kind !== 'task lost' && !standing.isWhole) return;
      world.stats.injected(kind);
      world.observer.tells(service, () => `ECS: ${kind}`);
      if (kind === 'task lost') standing.loses(replaced());
      else if (kind === 'scaled out') standing.scalesOut(added());
      else if (kind === 'scaled in') standing.scalesIn(drains());
      else standing.rollsOut(drains, () => random.between(5_000, STARTS_MS));
    });
  },
};
