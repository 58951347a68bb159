// AWS says that something has changed: the services that run on it are looked at now, not at their next beat. Such
// looks count like those that people ask for, so a burst of events counts once per interval. Rounds remain the safety
// net.
import type { StateChangeMessage } from '../contract/messages.ts';
import { beatOf } from '../core/rounds/state-change.ts';
import { targetsOf } from '../core/rounds/targets.ts';
import type { ServiceKey, TargetIndex } from '../ports/service-store.ts';
import { inFlight } from './in-flight.ts';
import { probeStored } from './probe-one.ts';
import type { ProbePorts } from './probe-pack.ts';

export type ConcernedPorts = ProbePorts & Readonly<{ targets: TargetIndex }>;

export async function probeConcerned(
  change: StateChangeMessage,
  ports: ConcernedPorts,
  signal: AbortSignal,
): Promise<void> {
  const { correlationId, event, at, targets } = change;
  const beat = beatOf(change, ports.clock.now());
  if (targets.length === 0 || beat === undefined) {
    const why = beat === undefined ? 'it comes too late' : 'it names nothing that a service could run on';
    return ports.log.info(`an event is passed over: ${why}`, { event, at, correlationId });
  }
  const lookAt = async (key: ServiceKey) => {
    const stored = await ports.services.read(key, signal);
    if (!stored || !targetsOf(stored.document).some((target) => targets.includes(target))) return;
    await probeStored(stored, { kind: 'check', correlationId, ...key, beat }, ports, signal);
  };
  const found = await Promise.all(targets.map((target) => ports.targets.services(target, signal)));
  await inFlight(eachOnce(found.flat()), ports.maxInFlight, lookAt, signal);
}

const eachOnce = (services: readonly ServiceKey[]): readonly ServiceKey[] => [
  ...new Map(services.map((key) => [`${key.tenant}#${key.id}`, key])).values(),
];
