// One look at a service: its liveness probe with the in-round retries, then its readiness probe.
import type { Observation } from '../core/model/observation.ts';
import type { Probe } from '../core/model/probe-spec.ts';
import { heartbeatsFrom } from '../core/restart/restart-verify.ts';
import type { Prober } from '../ports/prober.ts';
import type { Stored } from '../ports/service-store.ts';

/** A failing readiness probe makes a service `slow` (it lives, but is not as it should be), never `down`. */
export async function look(
  stored: Stored,
  prober: Prober,
  correlationId: string,
  signal: AbortSignal,
): Promise<Observation> {
  const { service, state, heartbeatAt, registeredAt } = stored;
  const reportsFrom = heartbeatsFrom(service, state);
  const seenBy = (probe: Probe) =>
    prober.probe({ probe, correlationId, heartbeatAt, registeredAt, reportsFrom }, signal);
  const first = await seenBy(service.probe);
  const alive = first.verdict === 'down' ? await againWhileDown(first, service.probe, seenBy) : first;
  if (!service.readiness || alive.verdict !== 'up') return alive;
  const ready = await againWhileDown(await seenBy(service.readiness), service.readiness, seenBy);
  if (ready.verdict === 'up' || ready.verdict === 'unknown') return alive;
  return { ...alive, verdict: 'slow', cause: 'not_ready', message: `not ready: ${ready.message ?? ready.cause}` };
}

/** A failing probe is repeated at once, before it counts: the trouble may pass. */
async function againWhileDown(
  first: Observation,
  probe: Probe,
  seenBy: (probe: Probe) => Promise<Observation>,
): Promise<Observation> {
  // A state that is read, not probed, would be the same again.
  const retries = probe.kind === 'heartbeat' || probe.kind === 'ecs' ? 0 : probe.retries;
  let observation = first;
  for (let left = retries; left > 0 && observation.verdict === 'down'; left -= 1) observation = await seenBy(probe);
  return observation;
}
