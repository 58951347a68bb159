// Judges a service that reports itself by the time of its last heartbeat. Arithmetic only; nothing is dialled.
import type { Observation } from '../core/model/observation.ts';
import type { HeartbeatProbe } from '../core/model/probe-spec.ts';
import type { ProbeTarget } from '../ports/prober.ts';
import type { Clock } from '../ports/process.ts';
import { ownTrouble } from './probe-fault.ts';

type Reported = Pick<ProbeTarget, 'heartbeatAt' | 'registeredAt' | 'reportsFrom'>;

/**
 * `down` once the last heartbeat is older than interval and grace together. A service that has never reported has the
 * same time from its registration on. After a restart the verdict is `unknown` within that time, until the service has
 * reported itself again.
 */
export function probeHeartbeat(
  probe: HeartbeatProbe,
  { heartbeatAt, registeredAt, reportsFrom = 0 }: Reported,
  clock: Clock,
): Observation {
  const reportedAt = heartbeatAt ?? registeredAt;
  const silentMs = clock.now() - reportedAt;
  if (silentMs <= (probe.intervalSeconds + probe.graceSeconds) * 1000)
    return reportedAt < reportsFrom
      ? ownTrouble('it has not reported itself since it was restarted')
      : { verdict: 'up', cause: 'none' };
  const since = heartbeatAt === undefined ? ', none since it was registered' : '';
  const expected = `expected every ${probe.intervalSeconds} s with ${probe.graceSeconds} s of grace`;
  const message = `no heartbeat for ${Math.floor(silentMs / 1000)} s${since}; ${expected}`;
  return { verdict: 'down', cause: 'heartbeat_missing', message };
}
