// A new revision that never works: deploying it again does not help, a rollback does. And a configuration that comes
// with a restart and does not work.
import { EcsBackend } from '../world/backends/ecs.ts';
import { DAY_MS, HOUR_MS } from '../world/clocks.ts';
import type { Ailment, SimService } from '../world/sim-service.ts';
import type { World } from '../world/world.ts';
import { befalls, type Fault, recurs } from './fault.ts';

const BROKEN: Ailment = {
  kind: 'broken revision',
  verdict: 'down',
  cause: 'wrong_status',
  isHealedByRestart: true,
  onlyBy: ['rollback', 'new revision'],
};

/**
 * Deploys one; `false` if ECS does not run this service. The service is ill for this long, in ms, unless it is healed.
 */
export function deployBroken(world: World, service: SimService, forMs: number): boolean {
  const [, backend] =
    world.restarters.places.find(([owner, place]) => owner === service && place instanceof EcsBackend) ?? [];
  if (!(backend instanceof EcsBackend)) return false;
  world.observer.tells(service, () => 'somebody deploys what does not work');
  const { isQuiet } = world;
  backend.deployedByOthers(() => {
    if (world.isQuiet === isQuiet) befalls(world, service, { ...BROKEN }, forMs);
  });
  return true;
}

export const brokenRevisions: Fault = {
  kind: 'broken revision',
  plan(world, random, end) {
    recurs(world, random, (random.between(0.5, 4) * DAY_MS) / world.services.length, end, () => {
      deployBroken(world, random.pick(world.services), random.between(0.5, 8) * HOUR_MS);
    });
  },
};

export const brokenConfigurations: Fault = {
  kind: 'broken configuration',
  plan(world, random, end) {
    recurs(world, random, (random.between(0.2, 2) * DAY_MS) / world.services.length, end, () => {
      const { configuration } = random.pick(world.services);
      world.stats.injected('broken configuration');
      configuration.hasBrokenNext = true;
    });
  },
};
