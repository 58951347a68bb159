// One run of discovery: reads ECS and the registrations, and does what follows from the two. A cluster, the load
// balancers or a registration that fails stops none of the others; the run fails in the end, so that the alarm tells
// somebody.
import { planDiscovery, type SeenCluster } from '../core/discovery/discovery.ts';
import { type TagRules, targetGroupsOf } from '../core/discovery/ecs-tags.ts';
import { isDiscovered } from '../core/discovery/judge-service.ts';
import type { Registration } from '../core/model/service.ts';
import { readFleet } from '../flow/read-fleet.ts';
import { type Author, registerService, type RemovePorts, removeService } from '../flow/register-service.ts';
import type { Balancers, DriftStore, EcsInventory } from '../ports/discovery.ts';
import { type Attempts, newAttempts, reasonOf } from './attempts.ts';

export type DiscoverPorts = RemovePorts &
  Readonly<{
    ecs: EcsInventory;
    balancers: Balancers;
    drift: DriftStore;
    /** Names of the ECS clusters to look into. */
    clusters: readonly string[];
    restartTag: TagRules['restartTag'];
  }>;

/** How many registrations are written at once. */
const AT_ONCE = 10;

/**
 * Running twice is the same as once: nothing is written again, and nothing is removed before two runs have missed it.
 */
export async function discover(ports: DiscoverPorts, author: Author): Promise<void> {
  const { signal } = author;
  const attempts = newAttempts(ports.log, author.correlationId);
  const clusters = await Promise.all(ports.clusters.map((cluster) => readCluster(cluster, ports, attempts, signal)));
  const groups = targetGroupsOf(clusters.flatMap(({ services }) => services));
  const endpoints = await attempts.attempt('the load balancers', () => ports.balancers.endpoints(groups, signal));
  // After ECS, so that what was registered while that was read is not registered a second time.
  const [fleet, before] = await Promise.all([readFleet(ports, signal, 'strong'), ports.drift.read(signal)]);

  const registrations = fleet.map(({ document }) => document);
  const { limits, restartTag, clock } = ports;
  const seen = { clusters, registrations, before, now: clock.now() };
  const plan = planDiscovery(seen, { limits, restartTag, endpoints });

  await forEach(plan.remove, ports, author, attempts, (document) => removeService(document, ports, author));
  await forEach(plan.register, ports, author, attempts, (document) => registerService(document, ports, author));
  await ports.drift.save(plan.drift, signal);
  attempts.settle();
}

async function readCluster(
  cluster: string,
  { ecs }: DiscoverPorts,
  { attempt }: Attempts,
  signal: AbortSignal,
): Promise<SeenCluster> {
  let fault: string | undefined;
  const services = await attempt(`cluster ${cluster}`, async () => {
    try {
      return await ecs.services(cluster, signal);
    } catch (error) {
      fault = reasonOf(error);
      throw error;
    }
  });
  return { cluster, services: services ?? [], fault };
}

/** Reads each registration again right before it is touched: one that a person has made meanwhile is left alone. */
async function forEach(
  documents: readonly Registration[],
  { services }: DiscoverPorts,
  { signal }: Author,
  { attempt }: Attempts,
  run: (document: Registration) => Promise<unknown>,
): Promise<void> {
  const one = (document: Registration) =>
    attempt(`${document.tenant}/${document.id}`, async () => {
      const standing = await services.read(document, signal);
      if (!standing || isDiscovered(standing.document)) await run(document);
    });
  for (let from = 0; from < documents.length; from += AT_ONCE)
    await Promise.all(documents.slice(from, from + AT_ONCE).map(one));
}
