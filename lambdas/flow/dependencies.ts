// The dependencies of a service that is down, as they are right now: probed if the caller may probe, else as last
// known. Each dependency is read and probed once in the life of a watch, however many services depend on it.
import { cycleFrom } from '../core/dependencies/dependency-cycle.ts';
import type { Observation } from '../core/model/observation.ts';
import type { Service } from '../core/model/service.ts';
import { runningRestart } from '../core/model/state.ts';
import type { Log } from '../ports/process.ts';
import type { ServiceKey, ServiceStore, Stored } from '../ports/service-store.ts';
import { dependencyGraph, readNamed } from './dependency-graph.ts';
import type { DependencyView } from './surroundings.ts';

export type DependencyPorts = Readonly<{ services: Pick<ServiceStore, 'read'>; log: Log }>;
/** A look at a dependency; undefined where it cannot be looked at from here. */
type LookAt = (stored: Stored) => Promise<Observation> | undefined;

/** One watch for one pack or one message; without `lookAt` what is stored decides. */
export function watchDependencies(
  ports: DependencyPorts,
  signal: AbortSignal,
  lookAt: LookAt = () => undefined,
): DependencyView {
  const seen = new Map<string, Promise<boolean>>();
  const isDown = (key: ServiceKey): Promise<boolean> => {
    const name = `${key.tenant}#${key.id}`;
    const known = seen.get(name) ?? seeOne(key, ports, lookAt, signal);
    seen.set(name, known);
    return known;
  };
  return async (service) => {
    const { tenant, id, dependsOn } = service;
    const found = await Promise.all(
      dependsOn.map(async (edge) => ({ ...edge, isDown: await isDown({ tenant, id: edge.service }) })),
    );
    if (!found.some((one) => one.essential && one.isDown)) return found;
    const circle = await circleOf(service, ports, signal);
    if (!circle) return found;
    ports.log.warn('services depend on each other in a circle, so that none waits for the other', {
      tenant,
      id,
      circle,
    });
    return found.map((one) => ({ ...one, isDown: one.isDown && !circle.includes(one.service) }));
  };
}

/**
 * Whether it is down. While it is being restarted it counts as down, whatever a first look says; if nobody can tell (it
 * cannot be probed from here, or the verdict is `unknown`), it counts as last known.
 */
async function seeOne(key: ServiceKey, ports: DependencyPorts, lookAt: LookAt, signal: AbortSignal): Promise<boolean> {
  const stored = await readNamed(key, ports, signal);
  if (!stored) return false;
  const { state } = stored;
  if (runningRestart(state)) return true;
  const verdict = (await lookAt(stored))?.verdict ?? 'unknown';
  return verdict === 'unknown' ? state.health === 'unhealthy' : verdict === 'down';
}

/** Two who register at once may close a circle that each of them alone did not see. */
async function circleOf(service: Service, ports: DependencyPorts, signal: AbortSignal) {
  const { graph } = await dependencyGraph(service.tenant, service, ports, signal);
  return cycleFrom(service.id, graph);
}
