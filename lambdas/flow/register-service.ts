// Registering and removing a service, for whoever may: the API for people, a custom resource for `watch()`.
import { circleFaults } from '../core/dependencies/check-dependencies.ts';
import { cycleFrom } from '../core/dependencies/dependency-cycle.ts';
import type { Decoded } from '../core/faults.ts';
import { ACCEPTED, changedPaths, subjectOf } from '../core/model/audit.ts';
import { type Registration, toService } from '../core/model/service.ts';
import { freshState } from '../core/model/state.ts';
import { checkRegistration, type Limits } from '../core/registration/check-registration.ts';
import { hasNewRhythm } from '../core/registration/new-rhythm.ts';
import { lastLines } from '../core/restart/restart-removed.ts';
import { shardOf } from '../core/values/hash.ts';
import type { FleetStore } from '../ports/fleet-store.ts';
import type { Log } from '../ports/process.ts';
import type { ProbeQueue } from '../ports/queues.ts';
import type { ServiceKey } from '../ports/service-store.ts';
import type { Timeline } from '../ports/timeline.ts';
import { type Asking, type AuditPorts, type Author, noteRefusal, openEntry } from './audit.ts';
import { dependencyGraph, MOST_READ } from './dependency-graph.ts';
import { announceTargets, settleTargets, type TargetPorts } from './follow-targets.ts';

export type RegisterPorts = TargetPorts &
  AuditPorts &
  Readonly<{
    fleet: FleetStore;
    probeQueue: ProbeQueue;
    log: Log;
    shards: number;
    limits: Limits;
  }>;
export type { Author } from './audit.ts';
export type Registered = Readonly<{ document: Registration; outcome: 'created' | 'replaced' }>;

/** Registers or replaces the service, or says what is wrong with the document. Doing it twice is the same as once. */
export async function registerService(
  input: unknown,
  ports: RegisterPorts,
  author: Author,
  /** The service named outside the document: a refusal is noted there if the document itself names none. */
  named?: ServiceKey,
  /** Who and why, where the request says so. */
  said?: Pick<Asking, 'user' | 'reason'>,
): Promise<Decoded<Registered>> {
  const checked = await checkAgainstOthers(checkRegistration(input ?? {}, ports.limits), ports, author.signal);
  if (checked.kind === 'faulty') {
    const asking = { action: 'service.put', subject: subjectOf(input) ?? named, ...said } as const;
    await noteRefusal(asking, 'INVALID_REQUEST', ports, author);
    return checked;
  }
  const document = checked.value;
  const { tenant, id } = document;
  const { by, correlationId, signal } = author;
  const shard = shardOf(tenant, id, ports.shards);
  const { network, probe } = toService(document);
  const now = ports.clock.now();
  const entry = await openEntry({ action: 'service.put', subject: { tenant, id }, ...said }, ports, author);
  // Before the write, so that a service is never left out of packs; after it, because a round may have corrected the
  // count in between.
  await ports.fleet.expectService(shard, probe.intervalSeconds, signal, network);
  await announceTargets(document, ports, signal);
  const { outcome, before } = await ports.services.register(document, freshState(now), now, signal);
  // Otherwise it would be down for heartbeats that nobody has asked for so far.
  if (outcome === 'replaced' && hasNewRhythm(before, document))
    await ports.services.heartbeat({ tenant, id }, now, signal);
  await entry.close(ACCEPTED, changedPaths(before, document));
  await ports.fleet.expectService(shard, probe.intervalSeconds, signal, network);
  await settleTargets(document, before, document, ports, signal);
  // Whoever registers a service wants to see at once, and not at the next round, whether it can be reached.
  await ports.probeQueue.sendCheck({ kind: 'check', correlationId, tenant, id, beat: now }, signal);
  ports.log.info(`service ${outcome}`, { tenant, serviceId: id, by, correlationId });
  return { kind: 'good', value: { document, outcome } };
}

/** No service may depend on one that depends on it, however indirectly. Services not registered yet may be named. */
async function checkAgainstOthers(
  checked: Decoded<Registration>,
  ports: RegisterPorts,
  signal: AbortSignal,
): Promise<Decoded<Registration>> {
  if (checked.kind === 'faulty' || checked.value.dependsOn.length === 0) return checked;
  const document = checked.value;
  const { graph, isCut } = await dependencyGraph(document.tenant, document, ports, signal);
  const circle = cycleFrom(document.id, graph);
  if (circle) return { kind: 'faulty', faults: circleFaults(document, circle) };
  if (!isCut) return checked;
  return {
    kind: 'faulty',
    faults: [{ path: 'dependsOn', message: `leads to more than ${MOST_READ} services; name fewer` }],
  };
}

/** `retentionMs`: how long the last lines of its timeline are kept. */
export type RemovePorts = RegisterPorts & Readonly<{ timeline: Pick<Timeline, 'append'>; retentionMs: number }>;

/**
 * `false` when there was no such service. Work under way for it ends by itself, because its item is gone; its timeline
 * outlives it and says so.
 */
export async function removeService(key: ServiceKey, ports: RemovePorts, author: Author): Promise<boolean> {
  const { by, correlationId, signal } = author;
  const entry = await openEntry({ action: 'service.removed', subject: subjectOf(key) }, ports, author);
  const { isRemoved, before, state } = await ports.services.remove(key, signal);
  await entry.close(isRemoved ? ACCEPTED : 'NOT_FOUND');
  await settleTargets(key, before, undefined, ports, signal);
  const now = ports.clock.now();
  const lines = before && state ? lastLines({ service: toService(before), now }, state, by) : [];
  for (const line of lines) await ports.timeline.append(line, now + ports.retentionMs, signal);
  if (isRemoved) ports.log.info('service removed', { tenant: key.tenant, serviceId: key.id, by, correlationId });
  return isRemoved;
}
