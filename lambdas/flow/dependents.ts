// The way back: who depends on a service. The index may point at too many, so each is asked itself.
import { serviceTarget } from '../core/rounds/targets.ts';
import type { ServiceKey, ServiceStore, Stored, TargetIndex } from '../ports/service-store.ts';

export type DependentPorts = Readonly<{
  targets: Pick<TargetIndex, 'services'>;
  services: Pick<ServiceStore, 'read'>;
}>;
type Found = Readonly<{ services: readonly Stored[]; isCut: boolean }>;

/** Those that name it in `dependsOn` now, at most `most` of them; `isCut`: there are more. */
export async function dependentsOf(
  key: ServiceKey,
  most: number,
  { targets, services }: DependentPorts,
  signal: AbortSignal,
): Promise<Found> {
  const pointed = await targets.services(serviceTarget(key.tenant, key.id), signal);
  const read = await Promise.all(pointed.slice(0, most).map((one) => services.read(one, signal)));
  const named = read.filter((stored) => stored?.service.dependsOn.some(({ service }) => service === key.id) === true);
  return { services: named.filter((stored) => stored !== undefined), isCut: pointed.length > most };
}

/** Those too that depend on them, and so on. */
export async function allDependentsOf(
  key: ServiceKey,
  most: number,
  ports: DependentPorts,
  signal: AbortSignal,
): Promise<Found> {
  const found = new Map<string, Stored>();
  for (let front = [key.id]; front.length > 0;) {
    const next = await Promise.all(front.map((id) => dependentsOf({ ...key, id }, most, ports, signal)));
    const fresh = next
      .flatMap(({ services }) => services)
      .filter(({ service: { id } }) => id !== key.id && !found.has(id));
    for (const stored of fresh) found.set(stored.service.id, stored);
    if (found.size > most || next.some(({ isCut }) => isCut)) return { services: [...found.values()], isCut: true };
    front = [...new Set(fresh.map(({ service }) => service.id))];
  }
  return { services: [...found.values()], isCut: false };
}
