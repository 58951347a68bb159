// Faults of dependencies, and what people do about them: outages that take down all dependents, and restarts after
// which all dependents are restarted too.
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../world/clocks.ts';
import type { SimService } from '../world/sim-service.ts';
import type { World } from '../world/world.ts';
import { befalls, downCauses, type Fault, recurs } from './fault.ts';

const named = ({ document }: SimService): readonly { service: string }[] =>
  document['dependsOn'] as readonly { service: string }[];

/** The services whose registrations name it as a dependency. */
const dependentsOf = ({ services }: World, { key }: SimService): readonly SimService[] =>
  services.filter((other) => other.key.tenant === key.tenant && named(other).some(({ service }) => service === key.id));

/** The services that registrations of others name as a dependency. */
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

/**
 * Longer than a service that is seen down may stay unwritten: intervals of the service, plus this time; see
 * `counted.ts`.
 */
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
      // No restart heals it, so that it is seen down for as long.
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
