// Whether a service can be probed in the time there is: before its next beat, and before the probe function ends.
import type { Fault } from '../faults.ts';
import type { Probe } from '../model/probe-spec.ts';
import type { Registration, Service } from '../model/service.ts';

/**
 * What one look may take, in seconds. The probe function ends at 50 s, and needs some of that to write down results.
 */
const LOOK_SECONDS = 40;

/** Faults of intervals and timeouts. */
export function timingFaults(document: Registration, service: Service, minIntervalSeconds: number): readonly Fault[] {
  const { intervalSeconds } = service.probe;
  const faults: Fault[] = [];
  if (intervalSeconds < minIntervalSeconds)
    faults.push({
      path: 'probe.intervalSeconds',
      message: `must be at least ${minIntervalSeconds}, the shortest interval of this deployment`,
    });
  // Readiness is probed right after liveness, so an interval of its own would be silently ignored.
  if (document.readiness?.intervalSeconds !== undefined)
    faults.push({
      path: 'readiness.intervalSeconds',
      message: 'readiness is looked at together with the probe; leave it out and set probe.intervalSeconds',
    });
  return [...faults, ...timeoutFaults(service)];
}

function timeoutFaults({ probe, readiness }: Service): readonly Fault[] {
  const { intervalSeconds } = probe;
  const most = Math.min(intervalSeconds, LOOK_SECONDS);
  const bound =
    intervalSeconds > LOOK_SECONDS
      ? `longer than the ${LOOK_SECONDS} s that a look may take; shorten it or retry less`
      : `longer than the interval of ${intervalSeconds} s; shorten it, or lengthen the interval`;
  const alone = ({ timeoutSeconds, retries }: Probe, seconds: number) =>
    `${timeoutSeconds} s with ${retries === 1 ? '1 retry' : `${retries} retries`} may take ${seconds} s`;
  const first = secondsOf(probe);
  const faults: Fault[] = [];
  if (first > most) faults.push({ path: 'probe.timeoutSeconds', message: `${alone(probe, first)}, ${bound}` });
  if (!readiness) return faults;
  const second = secondsOf(readiness);
  const both = rounded(first + second);
  if (second > most)
    faults.push({ path: 'readiness.timeoutSeconds', message: `${alone(readiness, second)}, ${bound}` });
  else if (first <= most && both > most)
    faults.push({
      path: 'readiness.timeoutSeconds',
      message: `${alone(readiness, second)}, together with the ${first} s of the probe ${both} s: ${bound}`,
    });
  return faults;
}

/** The longest that a probe may take. A heartbeat is looked up, not waited for. */
const secondsOf = (probe: Probe): number =>
  probe.kind === 'heartbeat' ? 0 : rounded(probe.timeoutSeconds * (probe.retries + 1));

/** To the millisecond, so that thirds which fit are not refused for their last digit. */
const rounded = (seconds: number): number => Math.round(seconds * 1_000) / 1_000;
