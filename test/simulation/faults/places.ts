// What happens to the places where services run: others deploy in the middle of our restarts or scale to zero, agents
// cannot be reached, hosts stop, and AWS itself does not answer.
import { EcsBackend } from '../world/backends/ecs.ts';
import { SsmBackend } from '../world/backends/ssm.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../world/clocks.ts';
import { befalls, type Fault, recurs } from './fault.ts';

export const deployments: Fault = {
  kind: 'deployment by others',
  plan(world, random, end) {
    recurs(world, random, random.between(0.02, 0.5) * DAY_MS, end, () => {
      const [service, backend] = random.pick(world.restarters.places);
      if (!(backend instanceof EcsBackend)) return;
      world.stats.injected('deployment by others');
      world.observer.tells(service, () => 'somebody else deploys');
      backend.deployedByOthers();
      if (!random.chance(0.3)) return;
      const ailment = {
        kind: 'away while deployed',
        verdict: 'down',
        cause: 'refused',
        isHealedByRestart: true,
      } as const;
      befalls(world, service, ailment, random.wait(3 * MINUTE_MS));
    });
  },
};

export const closedPlaces: Fault = {
  kind: 'place closed',
  plan(world, random, end) {
    recurs(world, random, random.between(0.1, 2) * DAY_MS, end, () => {
      const [service, backend] = random.pick(world.restarters.places);
      const forMs = random.wait(HOUR_MS);
      const close = (isClosed: boolean): void => {
        if (backend instanceof EcsBackend) backend.isOff = isClosed;
        if (backend instanceof SsmBackend) backend.isAway = isClosed;
      };
      world.stats.injected('place closed');
      world.observer.tells(service, () => 'scaled to zero, or its agent is away');
      close(true);
      world.engine.at(Math.round(world.engine.now + forMs), () => close(false));
    });
  },
};

/** What runs on a host goes with it, and no restart brings it back. */
const HOST_STOPS = { kind: 'host stopped', verdict: 'down', cause: 'timeout', isHealedByRestart: false } as const;

export const stoppedHosts: Fault = {
  kind: 'host stopped',
  plan(world, random, end) {
    recurs(world, random, random.between(0.05, 1) * DAY_MS, end, () => {
      const [service, backend] = random.pick(world.restarters.places);
      if (!(backend instanceof SsmBackend)) return;
      const forMs = random.wait(HOUR_MS);
      backend.isAway = true;
      world.engine.at(Math.round(world.engine.now + forMs), () => (backend.isAway = false));
      befalls(world, service, HOST_STOPS, forMs);
    });
  },
};

/** Orders may be carried out meanwhile, and nobody can find out. */
export const awsTrouble: Fault = {
  kind: 'AWS does not answer',
  plan(world, random, end) {
    recurs(world, random, random.between(0.2, 2) * DAY_MS, end, () => {
      world.stats.injected('AWS does not answer');
      const trouble = () => random.chance(0.5);
      world.restarters.trouble = trouble;
      world.engine.at(Math.round(world.engine.now + random.wait(20 * MINUTE_MS)), () => {
        if (world.restarters.trouble === trouble) world.restarters.trouble = undefined;
      });
    });
  },
};
