// What a service that is down depends on, looked at from here and now.
import type { Observation } from '../core/model/observation.ts';
import { type DependencyPorts, watchDependencies } from '../flow/dependencies.ts';
import type { DependencyView } from '../flow/surroundings.ts';
import type { Prober } from '../ports/prober.ts';
import type { ServiceKey, Stored } from '../ports/service-store.ts';
import { isOurs, lookFrom, type Place } from './ours.ts';

type LookPorts = DependencyPorts & Place & Readonly<{ prober: Prober }>;

/** One for each pack or check: whatever many depend on is looked at once. What only another prober reaches is as it was last known. */
export function lookAtDependencies(
  ports: LookPorts,
  correlationId: string,
  signal: AbortSignal,
  /** What was seen down in this very beat is not looked at again. */
  down: readonly Readonly<{ stored: Stored; observation: Observation }>[] = [],
): DependencyView {
  const known = new Map(down.map(({ stored: { service }, observation }) => [nameOf(service), observation]));
  return watchDependencies(ports, signal, (stored) => {
    const seen = known.get(nameOf(stored.service));
    if (seen) return Promise.resolve(seen);
    return isOurs(stored.service, ports) ? lookFrom(ports, stored, correlationId, signal) : undefined;
  });
}

const nameOf = ({ tenant, id }: ServiceKey): string => `${tenant}#${id}`;
