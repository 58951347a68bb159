// Whether the registered restart can be carried out. What a restart document would refuse on the host is refused at
// registration: during an outage it would be too late.
import type { Fault } from '../faults.ts';
import type { SsmStep } from '../model/restart-spec.ts';
import type { Registration, Service } from '../model/service.ts';
import { actFaults, placedSteps } from './check-acts.ts';
import { documentFaults } from './check-document.ts';
import { standardDocument } from './restart-way.ts';

/** Faults of mode, budget and steps; `documents` are the SSM documents that the deployment allows. */
export function restartFaults(
  { policy, restart }: Registration,
  service: Service,
  documents: readonly string[],
): readonly Fault[] {
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
  const ofSteps = placedSteps(service.restart).flatMap(({ at, step }) => {
    if (step.kind !== 'ssm') return [];
    const document = standardDocument(step.document);
    const ofDocument = document ? documentFaults(at, step, document) : [];
    return [...allowanceFaults(at, step, documents), ...doubleFaults(at, step), ...ofDocument];
  });
  return [...faults, ...ofSteps, ...actFaults(service)];
}

function allowanceFaults(at: string, { document }: SsmStep, documents: readonly string[]): readonly Fault[] {
  if (documents.includes(document)) return [];
  const allowed = documents.length > 0 ? `allowed are ${documents.join(', ')}` : 'this deployment allows none';
  return [{ path: `${at}.document`, message: `${document} is not an allowed document; ${allowed}` }];
}

/** SendCommand fails as a whole (DuplicateInstanceId): no host would be restarted. */
const doubleFaults = (at: string, { instanceIds }: SsmStep): readonly Fault[] =>
  instanceIds.flatMap((instanceId, index) =>
    instanceIds.indexOf(instanceId) === index
      ? []
      : [
          {
            path: `${at}.instanceIds[${index}]`,
            message: `names ${instanceId} once more, which SSM refuses; name each host once`,
          },
        ],
  );
