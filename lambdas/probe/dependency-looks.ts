// Probes the dependencies of a service that is down, from this prober and at this moment.
import type { Observation } from '../core/model/observation.ts';
import { type DependencyPorts, watchDependencies } from '../flow/dependencies.ts';
import type { DependencyView } from '../flow/surroundings.ts';
import type { Prober } from '../ports/prober.ts';
import type { ServiceKey, Stored } from '../ports/service-store.ts';
import { isOurs, lookFrom, type Place } from './ours.ts';

type LookPorts = DependencyPorts & Place & Readonly<{ prober: Prober }>;

/**
 * One for each pack or check: a dependency of many services is probed once. One that only another prober reaches counts
 * as last known.
 */
export function lookAtDependencies(
  ports: LookPorts,
  correlationId: string,
  signal: AbortSignal,
  /** Services seen down in this same beat: they are not probed again. */
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
