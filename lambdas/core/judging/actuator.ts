// What a Spring Boot Actuator answer says: its status, and those of its components and groups. Reads plain JSON by
// hand, to a fixed depth, because what a service sends may be of any shape.
import type { Cause } from '../model/observation.ts';
import { valueAt } from './json-path.ts';

/** Which parts decide; without `components` the status of the whole does. */
type ActuatorWish = Readonly<{
  components?: readonly string[] | undefined;
  groups?: readonly string[] | undefined;
}>;
type Part = Readonly<{ name: string; status: string }>;
type ActuatorVerdict =
  Readonly<{ verdict: 'up' }> | Readonly<{ verdict: 'slow' | 'down'; cause: Cause; message: string }>;

/** A composite of composites is as deep as Actuator goes in practice. */
const DEEPEST = 5;
const MOST_PARTS = 200;
/** How many parts that are not up are named to people. */
const MOST_NAMED = 6;
const LONGEST_NAME = 60;

/** Actuator answers 503 for DOWN and OUT_OF_SERVICE: such an answer is read, and not taken for a dead service. */
export const isActuatorStatus = (status: number): boolean => status === 503 || (status >= 200 && status <= 299);

/**
 * The verdict on an Actuator answer; undefined when it is none. `DOWN` is down. `OUT_OF_SERVICE` was taken out on
 * purpose and is `slow`, so that people are warned and nothing is restarted; so is `UNKNOWN`. With a list of components
 * only those can make the service down, and any other that is not up makes it `slow`. A listed part is named by its
 * path: `db`, or `db.primary` inside a composite.
 */
export function judgeActuator(document: unknown, wish: ActuatorWish): ActuatorVerdict | undefined {
  const status = statusOf(document);
  if (status === undefined) return undefined;
  const parts = partsOf(document);
  const essential = [...(wish.components ?? []), ...(wish.groups ?? [])];
  const missing = essential.find((name) => !isThere(name, document, parts));
  if (missing !== undefined)
    return { verdict: 'down', cause: 'component_down', message: `Actuator names no ${missing}` };
  const isListed = ({ name }: Part) =>
    essential.some((one) => name === one || name === `${one}State` || name.startsWith(`${one}.`));
  const deciding =
    wish.components === undefined && wish.groups === undefined ? [whole(status)] : parts.filter(isListed);
  const told = message(status, parts);
  if (deciding.some((part) => part.status === 'DOWN'))
    return { verdict: 'down', cause: 'component_down', message: told };
  if (deciding.some((part) => part.status !== 'UP')) return { verdict: 'slow', cause: 'not_ready', message: told };
  if (status !== 'UP') return { verdict: 'slow', cause: 'component_down', message: told };
  return { verdict: 'up' };
}

const whole = (status: string): Part => ({ name: '', status });

/** Whether the answer has this listed part; if not, nothing would watch it. A group may be named without a status. */
const isThere = (name: string, document: unknown, parts: readonly Part[]): boolean =>
  parts.some((part) => part.name === name || part.name === `${name}State`) || groupNames(document).includes(name);

function groupNames(document: unknown): readonly string[] {
  const groups = valueAt(document, '$.groups');
  return Array.isArray(groups) ? groups.filter((name) => typeof name === 'string') : [];
}

/** The status in capitals, however it was written. */
function statusOf(document: unknown): string | undefined {
  const status = valueAt(document, '$.status');
  return typeof status === 'string' ? status.toUpperCase().slice(0, LONGEST_NAME) : undefined;
}

/** Every component with its path, and groups where the answer gives them a status. */
function partsOf(document: unknown): readonly Part[] {
  const groups = valueAt(document, '$.groups');
  return [...childrenOf(document, '', DEEPEST), ...(Array.isArray(groups) ? [] : entriesOf(groups, '', 0))].slice(
    0,
    MOST_PARTS,
  );
}

/** Spring Boot before 2.2 had `details` where `components` are now. */
const childrenOf = (document: unknown, prefix: string, depth: number): readonly Part[] =>
  entriesOf(valueAt(document, '$.components') ?? valueAt(document, '$.details'), prefix, depth);

function entriesOf(record: unknown, prefix: string, depth: number): readonly Part[] {
  if (typeof record !== 'object' || record === null) return [];
  return Object.entries(record)
    .slice(0, MOST_PARTS)
    .flatMap(([key, value]: [string, unknown]) => {
      const status = statusOf(value);
      if (status === undefined) return [];
      const name = `${prefix}${key}`;
      return [{ name, status }, ...(depth > 0 ? childrenOf(value, `${name}.`, depth - 1) : [])];
    });
}

/** `DOWN: db.primary DOWN, disk OUT_OF_SERVICE`; names are cut, details are never shown. */
function message(status: string, parts: readonly Part[]): string {
  const unwell = parts
    .filter((part) => part.status !== 'UP')
    .map((part) => `${part.name.slice(0, LONGEST_NAME)} ${part.status}`);
  const more = unwell.length > MOST_NAMED ? ` and ${unwell.length - MOST_NAMED} more` : '';
  const named = unwell.slice(0, MOST_NAMED).join(', ');
  return named === '' ? `Actuator says ${status}` : `Actuator says ${status}: ${named}${more}`;
}
