// What goes wrong with those that others stand on, and what people do about them: outages that take down all that need
// the service, and restarts after which all that depend on it is restarted too.
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../world/clocks.ts';
import type { SimService } from '../world/sim-service.ts';
import type { World } from '../world/world.ts';
import { befalls, downCauses, type Fault, recurs } from './fault.ts';

const named = ({ document }: SimService): readonly { service: string }[] =>
  document['dependsOn'] as readonly { service: string }[];

/** Those that say they stand on it. */
const dependentsOf = ({ services }: World, { key }: SimService): readonly SimService[] =>
  services.filter((other) => other.key.tenant === key.tenant && named(other).some(({ service }) => service === key.id));

/** Those that others say they stand on. */
const neededOnes = (world: World): readonly SimService[] =>
  world.services.filter((service) => dependentsOf(world, service).length > 0);

export const parentOutage: Fault = {
  kind: 'outage of a dependency',
  plan(world, random, end) {
    recurs(world, random, random.between(0.05, 0.5) * DAY_MS, end, () => {
      const needed = world.services.filter((service) => world.dependencies.followersOf(service).length > 0);
      if (needed.length === 0) return;
      const ailment = {
        kind: 'outage of a dependency',
        verdict: 'down',
        cause: random.pick(downCauses),
        isHealedByRestart: random.chance(0.6),
      } as const;
      befalls(world, random.pick(needed), ailment, random.wait(HOUR_MS));
    });
  },
};

/** Longer than what is seen down may stay unwritten, in intervals of the service and on top of them; see `counted.ts`. */
const UNREAD_INTERVALS = 20;
const UNREAD_MS = 40 * MINUTE_MS;

export const unreadDependency: Fault = {
  kind: 'dependency that cannot be decoded',
  plan(world, random, end) {
    recurs(world, random, random.between(0.2, 2) * DAY_MS, end, () => {
      const needed = neededOnes(world);
      if (needed.length === 0) return;
      const unread = random.pick(needed);
      const item = world.table.itemOf(unread.key);
      const follower = random.pick(dependentsOf(world, unread));
      const intervalSeconds = world.table.itemOf(follower.key)?.stored.service.probe.intervalSeconds;
      if (!item || intervalSeconds === undefined) return;
      const forMs = random.between(1, 2) * (UNREAD_MS + UNREAD_INTERVALS * intervalSeconds * 1000);
      world.observer.tells(unread, () => 'its item cannot be decoded while one that stands on it is down');
      item.isPoisoned = true;
      world.engine.at(Math.round(world.engine.now + forMs), () => void (item.isPoisoned = false));
      // Nothing helps it, so that it is seen down for as long.
      const ailment = {
        kind: 'down beside a dependency that cannot be decoded',
        verdict: 'down',
        cause: random.pick(downCauses),
        isHealedByRestart: false,
      } as const;
      befalls(world, follower, ailment, forMs);
    });
  },
};

export const cascades: Fault = {
  kind: 'cascades of people',
  plan(world, random, end) {
    recurs(world, random, random.between(0.05, 0.5) * DAY_MS, end, () => {
      const needed = neededOnes(world);
      if (needed.length === 0) return;
      const service = random.pick(needed);
      world.stats.injected('restart with all dependents asked for by a person');
      const force = random.chance(0.3);
      world.people.wishes(service, { kind: 'requested', by: 'eve', reason: 'new schema', force, cascade: true });
      if (!random.chance(0.2)) return;
      world.engine.stirAt(Math.round(world.engine.now + random.wait(5 * MINUTE_MS)), () => {
        world.stats.injected('cascade cancelled by a person');
        world.people.wishes(service, { kind: 'cancelled', by: 'bob' });
      });
    });
  },
};
