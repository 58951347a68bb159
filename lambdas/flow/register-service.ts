// Registering and removing a service, for whoever may: the API for people, a custom resource for `watch()`.
import { checkRegistration, type Limits } from '../core/check-registration.ts';
import type { Decoded } from '../core/faults.ts';
import { shardOf } from '../core/hash.ts';
import { type Registration, toService } from '../core/service.ts';
import { freshState } from '../core/state.ts';
import type { Clock, FleetStore, Log, ProbeQueue, ServiceKey, ServiceStore } from '../ports.ts';

export type RegisterPorts = Readonly<{
  services: ServiceStore;
  fleet: FleetStore;
  probeQueue: ProbeQueue;
  clock: Clock;
  log: Log;
  shards: number;
  limits: Limits;
}>;
/** Who does it, for the log, and the id that goes through everything that follows. */
export type Author = Readonly<{ by: string; correlationId: string; signal: AbortSignal }>;
export type Registered = Readonly<{ document: Registration; outcome: 'created' | 'replaced' }>;

/** Registers or replaces what is described, or says what is wrong with it. Doing it twice does it once. */
export async function registerService(
  input: unknown,
  ports: RegisterPorts,
  author: Author,
): Promise<Decoded<Registered>> {
  const checked = checkRegistration(input ?? {}, ports.limits);
  if (checked.kind === 'faulty') return checked;
  const document = checked.value;
  const { tenant, id } = document;
  const { by, correlationId, signal } = author;
  const shard = shardOf(tenant, id, ports.shards);
  const { intervalSeconds } = toService(document).probe;
  const now = ports.clock.now();
  // Before, so that a service is never there without being packed; after, because a round may have corrected the count
  // in between.
  await ports.fleet.expectService(shard, intervalSeconds, signal);
  const outcome = await ports.services.register(document, freshState(now), now, signal);
  await ports.fleet.expectService(shard, intervalSeconds, signal);
  // Who registers a service wants to see at once whether it is reached, not at the next round.
  await ports.probeQueue.sendCheck({ kind: 'check', correlationId, tenant, id, beat: now }, signal);
  ports.log.info(`service ${outcome}`, { tenant, serviceId: id, by, correlationId });
  return { kind: 'good', value: { document, outcome } };
}

/** `false` when there was none. What is under way for it ends by itself, because its item is gone. */
export async function removeService(key: ServiceKey, ports: RegisterPorts, author: Author): Promise<boolean> {
  const { by, correlationId, signal } = author;
  const isRemoved = await ports.services.remove(key, signal);
  if (isRemoved) ports.log.info('service removed', { tenant: key.tenant, serviceId: key.id, by, correlationId });
  return isRemoved;
}
