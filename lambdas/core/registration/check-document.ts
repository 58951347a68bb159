// Whether a document of Lamplighter would do what its step asks, by the same rules as on the host: if the script
// refused it only during an outage, it would be too late.
import type { RestartDocument } from '../../contract/restart-documents.ts';
import type { Fault } from '../faults.ts';
import type { SsmStep } from '../model/restart-spec.ts';

/** Seconds between the end of all waiting in the script and the moment at which the agent ends it. */
const SPARE_SECONDS = 10;
/** The longest path: the folder of its copies is named after it. */
const PATH_CHARACTERS = 200;
/** Parameters that Lamplighter sets itself, and what to do instead of giving them. */
const OURS = new Map([
  ['executionTimeout', 'is set by Lamplighter; set timeoutSeconds of the step instead'],
  ['restartId', 'is set by Lamplighter; leave it out'],
]);

/** Faults of a step that names `document`; `at` is its path, `step` as it is carried out. */
export function documentFaults(at: string, step: SsmStep, document: RestartDocument): readonly Fault[] {
  const path = `${at}.parameters`;
  const faults = Object.entries(step.parameters).flatMap(([parameter, value]): Fault[] => {
    const message = parameterFault(parameter, value, document);
    return message === undefined ? [] : [{ path: `${path}.${parameter}`, message }];
  });
  const { ways } = document;
  return [
    ...faults,
    ...(ways.length > 0 ? wayFaults(path, step, ways) : actionFaults(path, step)),
    ...placeFaults(at, step, document),
    ...limitFaults(at, step, document.parameters),
  ];
}

function wayFaults(path: string, { parameters }: SsmStep, ways: readonly string[]): readonly Fault[] {
  const faults: Fault[] = [];
  const chosen = ways.filter((way) => parameters[way]);
  const choice = ways.map((way) => (way === 'startScript' ? 'startScript with port' : way)).join(' or ');
  if (chosen.length !== 1)
    faults.push({
      path,
      message: `must name one way to restart, ${choice}${chosen.length > 1 ? `, not ${chosen.join(' and ')} together` : ''}`,
    });
  if (parameters['startScript'] && !parameters['port'])
    faults.push({
      path: `${path}.port`,
      message: 'is missing; startScript needs it, to know what to stop and when the service is up',
    });
  if (parameters['startScript'] && parameters['mode'] === 'reload')
    faults.push({ path: `${path}.startScript`, message: 'can only start; give another way, or a step that restarts' });
  return faults;
}

/** What the document that keeps configurations needs for its action. */
function actionFaults(path: string, { parameters }: SsmStep): readonly Fault[] {
  const { action, path: kept, checkScript } = parameters;
  if (!action) return [{ path: `${path}.action`, message: 'is missing; give backup, validate or restore' }];
  const faults: Fault[] = [];
  if (action === 'validate' && !checkScript)
    faults.push({ path: `${path}.checkScript`, message: 'is missing; it says whether the configuration is valid' });
  if (action !== 'validate' && checkScript)
    faults.push({ path: `${path}.checkScript`, message: `is for validate, not for ${action}; leave it out` });
  if (action !== 'validate' && !kept)
    faults.push({ path: `${path}.path`, message: `is missing; it says of what ${action} is to be done` });
  if (kept !== undefined && kept.length > PATH_CHARACTERS)
    faults.push({ path: `${path}.path`, message: `must have at most ${PATH_CHARACTERS} characters` });
  return faults;
}

/** Faults of a step whose action does not fit its place, such as a restore where the backup should be. */
function placeFaults(at: string, { parameters }: SsmStep, { byPlace }: RestartDocument): readonly Fault[] {
  const place = at.slice(at.lastIndexOf('.') + 1);
  const said = parameters[byPlace.parameter];
  if (!byPlace.places.includes(place) || said === place) return [];
  return [{ path: `${at}.parameters.${byPlace.parameter}`, message: `must be ${place} here; leave it out` }];
}

function parameterFault(parameter: string, value: string, { name, parameters }: RestartDocument): string | undefined {
  const spec = new Map(Object.entries(parameters)).get(parameter);
  if (spec && OURS.has(parameter)) return OURS.get(parameter);
  const names = Object.keys(parameters).filter((one) => !OURS.has(one));
  if (!spec) return `is not a parameter of ${name}; it takes ${names.join(', ')}`;
  if (!new RegExp(spec.allowedPattern).test(value))
    return `is not what ${name} takes (${spec.description}): it must match ${spec.allowedPattern}`;
  return parameter === 'port' && Number(value) > 65_535 ? 'must be at most 65535' : undefined;
}

/** The agent ends the script at the step's limit; what the script may wait for has to fit into it. */
function limitFaults(at: string, step: SsmStep, parameters: RestartDocument['parameters']): readonly Fault[] {
  const waits = Object.entries(parameters)
    .filter(([name]) => name.endsWith('TimeoutSeconds'))
    .map(([name, spec]) => ({ name, seconds: step.parameters[name] ?? spec.default }));
  const needed = waits.reduce((sum, { seconds }) => sum + Number(seconds), SPARE_SECONDS);
  if (!(needed > step.timeoutSeconds)) return [];
  const listed = waits.map(({ name, seconds }) => `${name} (${seconds})`).join(', ');
  const message = `must be at least ${needed}: ${listed} and ${SPARE_SECONDS} s to spare; lengthen it, or shorten those`;
  return [{ path: `${at}.timeoutSeconds`, message }];
}
