// The rules of a registration that are not about a single field: limits of the deployment, and settings that contradict
// each other.
import type { Network } from '../../contract/networks.ts';
import { dependencyFaults } from '../dependencies/check-dependencies.ts';
import { decode, type Decoded, type Fault, pathText } from '../faults.ts';
import { type Registration, registrationSchema, type Service, toService } from '../model/service.ts';
import { redact } from '../values/redact.ts';
import { restartFaults } from './check-restart.ts';
import { targetFaults } from './check-target.ts';
import { timingFaults } from './check-timing.ts';

/** What a deployment allows. */
export type Limits = Readonly<{
  minIntervalSeconds: number;
  /** CIDR ranges that may be probed although they are private or local. */
  allowedRanges: readonly string[];
  /** SSM documents that a step may name. */
  documents: readonly string[];
  /** Where there are probers. With a private one, the allowed ranges are its own. */
  networks: readonly Network[];
  /** Whether ECS can be asked for the state of services. */
  ecsState?: boolean | undefined;
}>;

/** A document of this size, its state and its intents fit into one item of the table many times over. */
const MAX_DOCUMENT_BYTES = 32_000;
const MAX_TAGS = 50;

/** Decodes and checks a registration document; every fault is named by its path. */
export function checkRegistration(input: unknown, limits: Limits): Decoded<Registration> {
  const decoded = decode(registrationSchema, input, MAX_DOCUMENT_BYTES);
  // A document that is wrong as a whole, such as too large, is not checked further.
  if (decoded.kind === 'faulty' && decoded.faults.some(({ path }) => path === pathText([]))) return decoded;
  const faults = [
    ...(decoded.kind === 'faulty' ? decoded.faults : ruleFaults(decoded.value, limits)),
    ...targetFaults(input, limits),
  ];
  return faults.length > 0 ? { kind: 'faulty', faults } : decoded;
}

/** Faults of settings that contradict each other, or the limits of the deployment. */
export function ruleFaults(document: Registration, { minIntervalSeconds, documents }: Limits): readonly Fault[] {
  const service = toService(document);
  return [
    ...tagFaults(document),
    ...runbookFaults(document),
    ...timingFaults(document, service, minIntervalSeconds),
    ...dependencyFaults(document),
    ...policyFaults(document, service),
    ...restartFaults(document, service, documents),
  ];
}

function tagFaults({ tags }: Registration): readonly Fault[] {
  const count = Object.keys(tags).length;
  return count > MAX_TAGS ? [{ path: 'tags', message: `must hold at most ${MAX_TAGS} tags, and holds ${count}` }] : [];
}

/** Faults of the runbook: it is sent to people as it is, so it must be a web page, and hold nothing secret. */
function runbookFaults({ alerts: { runbook } }: Registration): readonly Fault[] {
  const path = 'alerts.runbook';
  if (runbook === undefined) return [];
  const url = URL.parse(runbook);
  if (!url || !/^https?:$/.test(url.protocol)) return [{ path, message: 'must be an http or https URL' }];
  if (url.username !== '' || url.password !== '' || redact(runbook) !== runbook)
    return [{ path, message: 'must not hold a secret: it is sent with every alert' }];
  return [];
}

/** Faults of thresholds that contradict each other. */
function policyFaults({ policy }: Registration, service: Service): readonly Fault[] {
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
