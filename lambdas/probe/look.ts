// One look at a service: its liveness probe with the in-round retries, then its readiness probe.
import type { Observation } from '../core/model/observation.ts';
import type { Probe } from '../core/model/probe-spec.ts';
import type { Prober, Stored } from '../ports.ts';

/** A failing readiness probe makes a service `slow` (it lives, but is not as it should be), never `down`. */
export async function look(
  stored: Stored,
  prober: Prober,
  correlationId: string,
  signal: AbortSignal,
): Promise<Observation> {
  const { service } = stored;
  const alive = await lookWithRetries(service.probe, stored, prober, correlationId, signal);
  if (!service.readiness || alive.verdict !== 'up') return alive;
  const ready = await lookWithRetries(service.readiness, stored, prober, correlationId, signal);
  if (ready.verdict === 'up' || ready.verdict === 'unknown') return alive;
  return { ...alive, verdict: 'slow', cause: 'not_ready', message: `not ready: ${ready.message ?? ready.cause}` };
}

/** Passing trouble is looked at again at once, before it counts. */
async function lookWithRetries(
  probe: Probe,
  { heartbeatAt, registeredAt }: Stored,
  prober: Prober,
  correlationId: string,
  signal: AbortSignal,
): Promise<Observation> {
  const target = { probe, correlationId, heartbeatAt, registeredAt };
  let observation = await prober.probe(target, signal);
  // What is looked up would be the same again.
  const retries = probe.kind === 'heartbeat' || probe.kind === 'ecs' ? 0 : probe.retries;
  for (let left = retries; left > 0 && observation.verdict === 'down'; left -= 1)
    observation = await prober.probe(target, signal);
  return observation;
}
