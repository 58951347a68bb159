// Dependencies in the simulated world: outages take down dependents and end with them, and no cycle can form.
import { describe, expect, it } from 'vitest';

import { START } from './clocks.ts';
import type { SimService } from './sim-service.ts';
import { World } from './world.ts';

const seeds = Array.from({ length: 40 }, (_, index) => index + 1);
const OUTAGE = { kind: 'outage', verdict: 'down', cause: 'refused', isHealedByRestart: true } as const;
const isDown = ({ liveness }: SimService) => liveness.verdict === 'down';

/** Every service that takes others down, each in a world of its own in which all recover. */
const parents = () =>
  seeds.flatMap((seed) => {
    const world = new World(seed, 0);
    world.dependencies.areMended();
    const parent = world.services.find((service) => world.dependencies.followersOf(service).length > 0);
    return parent ? [{ world, parent }] : [];
  });

describe('an outage of what others need', () => {
  it('takes them down, all the way up, and nobody else, and is over for all of them at once', () => {
    const found = parents();
    expect(found.length).toBeGreaterThan(10);
    for (const { world, parent } of found) {
      const all = world.dependencies.allWith(parent);
      parent.suffers(OUTAGE);
      expect(new Set(world.services.filter(isDown))).toEqual(all);
      parent.isRidOf(OUTAGE, START);
      expect(world.services.filter(isDown)).toEqual([]);
    }
  });

  it('is healed by a restart of it, and by none of those that stand on it', () => {
    for (const { world, parent } of parents()) {
      const [follower] = world.dependencies.followersOf(parent);
      parent.suffers(OUTAGE);
      follower?.isRestarted('redeploy', START);
      expect(follower && isDown(follower)).toBe(true);
      parent.isRestarted('redeploy', START);
      expect(world.services.some(isDown)).toBe(false);
    }
  });
});

describe('what registrations say', () => {
  it('never closes a circle, however often they are replaced, and mostly says something', () => {
    const edges = seeds.flatMap((seed) => {
      const { services, dependencies } = new World(seed, 0);
      return services.flatMap((service) => {
        const { dependsOn } = dependencies.drawAnew(service);
        return (dependsOn as { service: string }[]).map((edge) => ({ service, edge }));
      });
    });
    expect(edges.length).toBeGreaterThan(100);
    for (const { service, edge } of edges)
      if (edge.service !== 'nobody') expect(Number(edge.service.slice(2))).toBeLessThan(service.index);
  });
});
