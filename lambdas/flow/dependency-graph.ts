// What services depend on, read from their registrations as they stand, and no further than needed.
import type { Graph } from '../core/dependencies/dependency-cycle.ts';
import { isPermanent } from '../core/result.ts';
import type { ServiceKey, ServiceStore, Stored } from '../ports/service-store.ts';

type Reads = Readonly<{ services: Pick<ServiceStore, 'read'> }>;
type Node = Readonly<{ id: string; dependsOn: readonly Readonly<{ service: string }>[] }>;

/**
 * A service that others name, or that names others. An item that cannot be decoded is treated as not registered,
 * because it must not blind the others; `isFaulty` is called for it. Any other failure is the caller's.
 */
export async function readNamed(
  key: ServiceKey,
  { services }: Reads,
  signal: AbortSignal,
  isFaulty: () => void = () => undefined,
): Promise<Stored | undefined> {
  try {
    return await services.read(key, signal);
  } catch (error) {
    if (!isPermanent(error)) throw error;
    isFaulty();
    return undefined;
  }
}

/** No chain of dependencies is followed to more services than this. */
export const MOST_READ = 200;

/**
 * All dependencies of a service, direct and indirect, its own document taken as given: it need not be registered.
 * `isCut`: there are more than are read. A service that is not registered depends on nothing.
 */
export async function dependencyGraph(
  tenant: string,
  start: Node,
  ports: Reads,
  signal: AbortSignal,
): Promise<{ graph: Graph; isCut: boolean }> {
  const needs = ({ dependsOn }: Node) => dependsOn.map(({ service }) => service);
  const graph = new Map([[start.id, needs(start)]]);
  for (let front = needs(start); front.length > 0;) {
    const fresh = [...new Set(front)].filter((id) => !graph.has(id));
    if (graph.size + fresh.length > MOST_READ) return { graph, isCut: true };
    const found = await Promise.all(fresh.map((id) => readNamed({ tenant, id }, ports, signal)));
    fresh.forEach((id, index) => graph.set(id, found[index] ? needs(found[index].service) : []));
    front = fresh.flatMap((id) => graph.get(id) ?? []);
  }
  return { graph, isCut: false };
}
