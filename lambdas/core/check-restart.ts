// Whether the restart that is described can be carried out. What a restart document would refuse on the host is
// refused at registration: in the night it would be too late.
import type { RestartDocument } from '../contract/restart-documents.ts';
import type { Fault } from './faults.ts';
import type { SsmStep } from './restart-spec.ts';
import { standardDocument } from './restart-way.ts';
import type { Registration, Service } from './service.ts';

/** Between the end of all waiting in the script and the agent ending it, in seconds. */
const SPARE_SECONDS = 10;

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
  const ofSteps = service.restart.steps.flatMap((step, index) => {
    if (step.kind !== 'ssm') return [];
    const document = standardDocument(step.document);
    const at = `restart.steps[${index}]`;
    return [...allowanceFaults(at, step, documents), ...(document ? documentFaults(at, step, document) : [])];
  });
  return [...faults, ...ofSteps];
}

function allowanceFaults(at: string, { document }: SsmStep, documents: readonly string[]): readonly Fault[] {
  if (documents.includes(document)) return [];
  const allowed = documents.length > 0 ? `allowed are ${documents.join(', ')}` : 'this deployment allows none';
  return [{ path: `${at}.document`, message: `${document} is not an allowed document; ${allowed}` }];
}

function documentFaults(at: string, step: SsmStep, { name, ways, parameters }: RestartDocument): readonly Fault[] {
  const given = new Map(Object.entries(step.parameters));
  const path = `${at}.parameters`;
  const faults = [...given].flatMap(([parameter, value]): Fault[] => {
    const message = parameterFault(parameter, value, parameters, name);
    return message === undefined ? [] : [{ path: `${path}.${parameter}`, message }];
  });
  const chosen = ways.filter((way) => given.get(way));
  const choice = ways.map((way) => (way === 'startScript' ? 'startScript with port' : way)).join(' or ');
  if (chosen.length !== 1)
    faults.push({
      path,
      message: `must name one way to restart, ${choice}${chosen.length > 1 ? `, not ${chosen.join(' and ')} together` : ''}`,
    });
  if (given.get('startScript') && !given.get('port'))
    faults.push({
      path: `${path}.port`,
      message: 'is missing; startScript needs it, to know what to stop and when the service is up',
    });
  return [...faults, ...limitFaults(at, step, parameters)];
}

function parameterFault(
  parameter: string,
  value: string,
  parameters: RestartDocument['parameters'],
  document: string,
): string | undefined {
  if (parameter === 'executionTimeout') return 'is set by Lamplighter; set timeoutSeconds of the step instead';
  const spec = new Map(Object.entries(parameters)).get(parameter);
  const names = Object.keys(parameters).filter((name) => name !== 'executionTimeout');
  if (!spec) return `is not a parameter of ${document}; it takes ${names.join(', ')}`;
  if (!new RegExp(spec.allowedPattern).test(value))
    return `is not what ${document} takes (${spec.description}): it must match ${spec.allowedPattern}`;
  return parameter === 'port' && Number(value) > 65_535 ? 'must be at most 65535' : undefined;
}

/** The agent ends the script at the step's limit; what the script may wait for has to fit into it. */
function limitFaults(at: string, step: SsmStep, parameters: RestartDocument['parameters']): readonly Fault[] {
  const [start, stop] = ['startTimeoutSeconds', 'stopTimeoutSeconds'].map((name) =>
    Number(step.parameters[name] ?? parameters[name]?.default),
  );
  const needed = Number(start) + Number(stop) + SPARE_SECONDS;
  if (!(needed > step.timeoutSeconds)) return [];
  return [
    {
      path: `${at}.timeoutSeconds`,
      message: `must be at least ${needed}: startTimeoutSeconds (${start}), stopTimeoutSeconds (${stop}) and ${SPARE_SECONDS} s to spare; lengthen it, or shorten those`,
    },
  ];
}
