// The dependents of a service: the services that depend on it. The index may name too many, so each one's own document
// decides.
import { serviceTarget } from '../core/rounds/targets.ts';
import type { ServiceKey, ServiceStore, Stored, TargetIndex } from '../ports/service-store.ts';
import { readNamed } from './dependency-graph.ts';

export type DependentPorts = Readonly<{
  targets: Pick<TargetIndex, 'services'>;
  services: Pick<ServiceStore, 'read'>;
}>;
/** `isCut`: there are more. `faulty`: their items cannot be decoded, so nobody knows what they depend on. */
type Found = Readonly<{ services: readonly Stored[]; isCut: boolean; faulty: readonly string[] }>;

/**
 * The services that name it in `dependsOn` now, at most `most`. One that cannot be decoded does not hide the others.
 */
export async function dependentsOf(
  key: ServiceKey,
  most: number,
  { targets, services }: DependentPorts,
  signal: AbortSignal,
): Promise<Found> {
  const pointed = await targets.services(serviceTarget(key.tenant, key.id), signal);
  const faulty: string[] = [];
  const readOne = (one: ServiceKey) => readNamed(one, { services }, signal, () => faulty.push(one.id));
  const read = await Promise.all(pointed.slice(0, most).map(readOne));
  const named = read.filter((stored) => stored?.service.dependsOn.some(({ service }) => service === key.id) === true);
  return { services: named.filter((stored) => stored !== undefined), isCut: pointed.length > most, faulty };
}

/** The dependents, their dependents, and so on. */
export async function allDependentsOf(
  key: ServiceKey,
  most: number,
  ports: DependentPorts,
  signal: AbortSignal,
): Promise<Found> {
  const found = new Map<string, Stored>();
  const faulty = new Set<string>();
  const all = () => ({ services: [...found.values()], faulty: [...faulty] });
  for (let front = [key.id]; front.length > 0;) {
    const next = await Promise.all(front.map((id) => dependentsOf({ ...key, id }, most, ports, signal)));
    const fresh = next
      .flatMap(({ services }) => services)
      .filter(({ service: { id } }) => id !== key.id && !found.has(id));
    for (const stored of fresh) found.set(stored.service.id, stored);
    for (const id of next.flatMap((one) => one.faulty)) faulty.add(id);
    if (found.size > most || next.some(({ isCut }) => isCut)) return { ...all(), isCut: true };
    front = [...new Set(fresh.map(({ service }) => service.id))];
  }
  return { ...all(), isCut: false };
}
