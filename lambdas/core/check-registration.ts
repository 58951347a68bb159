// The rules of a registration that no single field can keep: limits of the deployment, and settings that contradict
// each other.
import { literalAddress, refusedRange } from './address.ts';
import { decode, type Decoded, type Fault } from './faults.ts';
import type { Probe } from './probe-spec.ts';
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
    ...timingFaults('probe', service.probe, limits),
    ...addressFaults('probe', service.probe, limits),
    ...(service.readiness
      ? [
          ...timingFaults('readiness', service.readiness, limits),
          ...addressFaults('readiness', service.readiness, limits),
        ]
      : []),
    ...policyFaults(document, service),
    ...restartFaults(document, service, limits),
  ];
}

function timingFaults(at: string, { intervalSeconds, timeoutSeconds, retries }: Probe, limits: Limits): Fault[] {
  const faults: Fault[] = [];
  if (intervalSeconds < limits.minIntervalSeconds)
    faults.push({
      path: `${at}.intervalSeconds`,
      message: `must be at least ${limits.minIntervalSeconds}, the shortest interval of this deployment`,
    });
  if (timeoutSeconds * (retries + 1) > intervalSeconds)
    faults.push({
      path: `${at}.timeoutSeconds`,
      message: `${timeoutSeconds} s with ${retries} retries may take longer than the interval of ${intervalSeconds} s; shorten it, or lengthen the interval`,
    });
  return faults;
}

function addressFaults(at: string, probe: Probe, { allowedRanges }: Limits): Fault[] {
  if (probe.kind === 'heartbeat') return [];
  const host = probe.kind === 'http' ? new URL(probe.url).hostname : probe.host;
  const address = literalAddress(host);
  const range = address === undefined ? undefined : refusedRange(address, allowedRanges);
  if (range === undefined) return [];
  return [
    {
      path: `${at}.${probe.kind === 'http' ? 'url' : 'host'}`,
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
        message: `${step.document} is not an allowed document; allowed are ${documents.join(', ')}`,
      });
  });
  return faults;
}
