// The rules of a registration that no single field can keep: limits of the deployment, and settings that contradict
// each other.
import { literalAddress, refusedRange } from './address.ts';
import { decode, type Decoded, type Fault } from './faults.ts';
import type { Probe, ProbeDocument } from './probe-spec.ts';
import { type Registration, registrationSchema, type Service, toService } from './service.ts';

/** What a deployment allows. */
export type Limits = Readonly<{
  minIntervalSeconds: number;
  /** CIDR ranges that may be probed although they are private or local. */
  allowedRanges: readonly string[];
  /** SSM documents that a step may name. */
  documents: readonly string[];
}>;

/** Decodes and checks a registration document; every fault is named by its path. */
export function checkRegistration(input: unknown, limits: Limits): Decoded<Registration> {
  const decoded = decode(registrationSchema, input);
  if (decoded.kind === 'faulty') return decoded;
  const faults = ruleFaults(decoded.value, limits);
  return faults.length > 0 ? { kind: 'faulty', faults } : decoded;
}

function ruleFaults(document: Registration, limits: Limits): readonly Fault[] {
  const service = toService(document);
  return [
    ...intervalFaults(service.probe, limits),
    ...timeoutFaults('probe', service.probe),
    ...addressFaults('probe', document.probe, service.probe, limits),
    ...readinessFaults(document, service, limits),
    ...policyFaults(document, service),
    ...restartFaults(document, service, limits),
  ];
}

/** Readiness is looked at right after liveness, so an interval of its own would be ignored in silence. */
function readinessFaults(document: Registration, { readiness }: Service, limits: Limits): readonly Fault[] {
  if (!document.readiness || !readiness) return [];
  const faults: Fault[] = [];
  if (document.readiness.intervalSeconds !== undefined)
    faults.push({
      path: 'readiness.intervalSeconds',
      message: 'readiness is looked at together with the probe; leave it out and set probe.intervalSeconds',
    });
  return [
    ...faults,
    ...timeoutFaults('readiness', readiness),
    ...addressFaults('readiness', document.readiness, readiness, limits),
  ];
}

function intervalFaults({ intervalSeconds }: Probe, { minIntervalSeconds }: Limits): Fault[] {
  if (intervalSeconds >= minIntervalSeconds) return [];
  return [
    {
      path: 'probe.intervalSeconds',
      message: `must be at least ${minIntervalSeconds}, the shortest interval of this deployment`,
    },
  ];
}

function timeoutFaults(at: string, { intervalSeconds, timeoutSeconds, retries }: Probe): Fault[] {
  if (timeoutSeconds * (retries + 1) <= intervalSeconds) return [];
  const again = retries === 1 ? '1 retry' : `${retries} retries`;
  return [
    {
      path: `${at}.timeoutSeconds`,
      message: `${timeoutSeconds} s with ${again} may take longer than the interval of ${intervalSeconds} s; shorten it, or lengthen the interval`,
    },
  ];
}

function addressFaults(at: string, document: ProbeDocument, probe: Probe, { allowedRanges }: Limits): Fault[] {
  if (probe.kind === 'heartbeat') return [];
  const host = probe.kind === 'http' ? new URL(probe.url).hostname : probe.host;
  const address = literalAddress(host);
  const range = address === undefined ? undefined : refusedRange(address, allowedRanges);
  if (range === undefined) return [];
  return [
    {
      path: `${at}.${'url' in document && document.url !== undefined ? 'url' : 'host'}`,
      message: `${host} is an address that must not be probed (${range}); use a public one, or allow its range in the deployment's settings`,
    },
  ];
}

function policyFaults({ policy }: Registration, service: Service): Fault[] {
  const { failures, of } = service.policy.window;
  const faults: Fault[] = [];
  if (failures > of)
    faults.push({ path: 'policy.window.failures', message: `must not be above policy.window.of, which is ${of}` });
  if (policy.window && failures < service.policy.failureThreshold)
    faults.push({
      path: 'policy.window.failures',
      message: `must be at least policy.failureThreshold (${service.policy.failureThreshold}): fewer would fire before it`,
    });
  return faults;
}

function restartFaults({ policy, restart }: Registration, service: Service, { documents }: Limits): Fault[] {
  const faults: Fault[] = [];
  if (restart.mode === 'on' && restart.steps.length === 0)
    faults.push({
      path: 'restart.steps',
      message: 'restart.mode is "on", but there is no step; add one, or set the mode to "off"',
    });
  if (policy.profile === 'observe-only' && restart.mode === 'on')
    faults.push({
      path: 'restart.mode',
      message: 'the profile observe-only never restarts; choose another profile, or leave the mode out',
    });
  if (service.restart.backoffSeconds > service.restart.maxBackoffSeconds)
    faults.push({
      path: 'restart.backoffSeconds',
      message: `must not be above restart.maxBackoffSeconds, which is ${service.restart.maxBackoffSeconds}`,
    });
  restart.steps.forEach((step, index) => {
    if (step.kind === 'ssm' && !documents.includes(step.document))
      faults.push({
        path: `restart.steps[${index}].document`,
        message: `${step.document} is not an allowed document; ${documents.length > 0 ? `allowed are ${documents.join(', ')}` : 'this deployment allows none'}`,
      });
  });
  return faults;
}
