// What happens to a fleet on a bad day: a dead database with all its dependents, a storm from which not every service
// recovers by itself, services that flap, and the usual single failures.
import { shardOf } from '../../../lambdas/core/values/hash.ts';
import { befalls } from '../faults/fault.ts';
import type { Chaos } from '../world/chaos.ts';
import { HOUR_MS, MINUTE_MS, START } from '../world/clocks.ts';
import { SimService } from '../world/sim-service.ts';
import type { World } from '../world/world.ts';

/** The features that keep messages few; each can be switched off, as in a deployment or a registration. */
export type Handling = Readonly<{
  /** Failures because of something else are told together with it: with a dependency or a storm. */
  folding: boolean;
  /** Services that go up and down are reported as flapping. */
  flapping: boolean;
  /** Alerts that come together are sent together. */
  groups: boolean;
}>;
export type Plan = Readonly<{
  seed: number;
  services: number;
  flapping: number;
  dependents: number;
  singles: number;
  hours: number;
  handling: Handling;
  weather?: Chaos['weather'];
}>;

export const SHARDS = 16;
export const SETTLING_MS = 10 * MINUTE_MS;
const PROJECTS = 20;
const STORM_MS = 30 * MINUTE_MS;

/** The first is the database; then come its dependents, those that flap, and all others. */
export function serviceOf(index: number, { dependents, flapping, handling }: Plan): SimService {
  const key = { tenant: 'default', id: `s-${index}` };
  const needsIt = index > 0 && index <= dependents;
  // Its restarts do not help, again and again: it has a large budget, because otherwise each flap would be critical.
  const isFlapping = index > dependents && index <= dependents + flapping;
  const project = `p-${index <= dependents ? 0 : 1 + (index % (PROJECTS - 1))}`;
  const probe = { kind: 'tcp', host: `${key.id}.example.com`, port: 443, intervalSeconds: 60, timeoutSeconds: 3 };
  const step = { kind: 'ecs', cluster: 'prod', service: key.id, timeoutSeconds: 120 };
  const document = {
    ...key,
    ...{ probe, project, policy: { failureThreshold: 3, successThreshold: 2 } },
    restart: {
      steps: index === 0 ? [] : [step],
      maxRestarts: isFlapping ? 50 : 2,
      backoffSeconds: 60,
      warmUpSeconds: 10,
    },
    ...(needsIt && handling.folding && { dependsOn: [{ service: 's-0', essential: true }] }),
    ...(!handling.flapping && { alerts: { flapping: { incidents: 0 } } }),
  };
  const service = new SimService(index, key, shardOf(key.tenant, key.id, SHARDS), document, START);
  service.groups = { document: {}, names: ['fleet', `project ${project}`] };
  return service;
}

/** Between two rounds, so that the next round sees all of it. */
export const stormAtOf = ({ hours }: Plan): number =>
  Math.ceil((START + SETTLING_MS + (hours * HOUR_MS) / 2) / MINUTE_MS) * MINUTE_MS + 20_000;

/** Plans the whole day; returns the services of the storm. */
export function planDay(world: World, plan: Plan): ReadonlySet<SimService> {
  const { dependents, flapping, singles, hours } = plan;
  const { engine, services } = world;
  const draw = world.fate.stream('day');
  const [begin, hourMs] = [engine.now, (hours * HOUR_MS) / 24];
  const breaks = (service: SimService | undefined, at: number, forMs: number, isHealedByRestart = false) =>
    engine.at(Math.round(at), () => {
      const ailment = { kind: 'outage', verdict: 'down', cause: 'refused', isHealedByRestart } as const;
      if (service) befalls(world, service, ailment, forMs);
    });
  // The database, and seconds later all its dependents.
  for (const service of services.slice(0, dependents + 1))
    breaks(service, begin + 4 * hourMs + draw.int(0, 20_000), 40 * MINUTE_MS);
  const others = services.slice(dependents + 1);
  for (const service of others.slice(0, flapping))
    for (let at = begin + draw.int(0, 600_000); at < begin + 20 * hourMs; at += 15 * MINUTE_MS)
      breaks(service, at, 6 * MINUTE_MS);
  const stormAt = stormAtOf(plan);
  const stormy = new Set(others.slice(flapping).filter(() => draw.chance(0.5)));
  for (const service of stormy) {
    const at = stormAt + draw.int(0, 10_000);
    // One in ten does not recover by itself, but a restart heals it once the storm is over.
    if (draw.chance(0.1)) breaks(service, at, 6 * HOUR_MS, true);
    else breaks(service, at, STORM_MS);
  }
  // A restart heals half of them; the others need a person.
  for (let nth = 0; nth < singles; nth += 1)
    breaks(draw.pick(others), begin + draw.between(0, 20) * hourMs, 90 * MINUTE_MS, nth % 2 === 0);
  return stormy;
}
