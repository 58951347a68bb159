// What is wrong with an input, said so that its author can fix it: every fault with its path and the remedy.
import * as z from 'zod/mini';

import { outerFault, without, withoutRefusedNames } from './values/plain-json.ts';

export type Fault = Readonly<{ path: string; message: string }>;
export type Decoded<T> = { kind: 'good'; value: T } | { kind: 'faulty'; faults: readonly Fault[] };

/**
 * Decodes what came from outside; a fault names its path, such as `restart.steps[0].cluster`. An input that is larger
 * than `maxBytes` as JSON, or nested without end, gets only that fault: naming all others could take more than an
 * answer holds.
 */
export function decode<T>(schema: z.core.$ZodType<T>, input: unknown, maxBytes = Infinity): Decoded<T> {
  const outer = outerFault(input, maxBytes);
  if (outer) return { kind: 'faulty', faults: [{ path: pathText([]), message: outer }] };
  const { value, refused } = withoutRefusedNames(input);
  const result = z.safeParse(schema, value, IN_OUR_WORDS);
  if (result.success && refused.length === 0) return { kind: 'good', value: result.data };
  const named = refused.map((path) => ({ path: pathText(path), message: 'is not allowed as a name; choose another' }));
  return { kind: 'faulty', faults: [...named, ...(result.error ? faultsIn(result.error) : [])] };
}

/**
 * Decodes what some version of Lamplighter has stored: fields that a newer version has added are ignored, so that going
 * back a version loses no service. Every other fault remains a fault.
 */
export function decodeStored<T>(schema: z.core.$ZodType<T>, input: unknown): Decoded<T> {
  const first = z.safeParse(schema, input, IN_OUR_WORDS);
  if (first.success) return { kind: 'good', value: first.data };
  const unknown = first.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [],
  );
  const second = z.safeParse(schema, unknown.reduce(without, input), IN_OUR_WORDS);
  return second.success ? { kind: 'good', value: second.data } : { kind: 'faulty', faults: faultsIn(second.error) };
}

const faultsIn = ({ issues }: z.core.$ZodError): readonly Fault[] => issues.flatMap((issue) => faultsOf(issue, []));

/** `restart.steps[0].cluster`; the document itself is `(document)`. */
export function pathText(path: readonly PropertyKey[]): string {
  const text = path.reduce<string>((before, part) => {
    if (typeof part === 'number') return `${before}[${part}]`;
    const name = String(part);
    if (!/^[\w$-]+$/.test(name)) return `${before}[${JSON.stringify(name)}]`;
    return before === '' ? name : `${before}.${name}`;
  }, '');
  return text === '' ? '(document)' : text;
}

function faultsOf(issue: z.core.$ZodIssue, outside: readonly PropertyKey[]): readonly Fault[] {
  const path = [...outside, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: pathText([...path, key]),
      message: 'is not a known field; remove it or correct its name',
    }));
  const meant = issue.code === 'invalid_union' && issue.errors.find((faults) => !faults.some(isOfOtherKind));
  if (meant) return meant.flatMap((inner) => faultsOf(inner, path));
  return [{ path: pathText(path), message: issue.message }];
}

/** Whether the value is of another kind of the union: then the value itself is the fault, and not something in it. */
const isOfOtherKind = ({ code, path }: z.core.$ZodIssue): boolean =>
  path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');

/**
 * The words for an issue. A message given in the schema or pattern itself comes first: zod asks for these words last.
 */
function wordsFor(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return Number.isNaN(issue.input)
        ? `must be ${wordsForKind(issue.expected)}`
        : ofKind(wordsForKind(issue.expected), issue.input);
    case 'too_small':
      return issue.minimum === 1 && issue.origin === 'string'
        ? 'must not be empty'
        : `must ${sizeOf(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${sizeOf(issue.origin, 'at most', issue.maximum)}`;
    case 'invalid_value':
      return oneOf(issue.values, issue.input);
    case 'invalid_union':
      return issue.discriminator === undefined
        ? oneOfKinds(issue.errors.flat(), issue.input)
        : oneOf([at(issue, 'options')].flat(), at(issue.input, issue.discriminator));
    case 'invalid_key':
      return `is no good name here: it ${issue.issues.map(({ message }) => message).join(', ')}`;
    default:
      return undefined;
  }
}
const IN_OUR_WORDS = { reportInput: true, error: wordsFor };

/** `be at least 3`, `be at most 20 characters long`, `hold at least 1 item`. */
function sizeOf(origin: string, bound: string, limit: number | bigint): string {
  if (origin === 'string') return `be ${bound} ${limit} characters long`;
  return origin === 'array' ? `hold ${bound} ${limit} ${limit === 1 ? 'item' : 'items'}` : `be ${bound} ${limit}`;
}

function oneOf(values: readonly unknown[], input: unknown): string {
  const choice = values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`;
  return input === undefined ? `is missing; give ${choice}` : `must be ${choice}`;
}

function ofKind(wanted: string, input: unknown): string {
  if (input === undefined) return `is missing; give ${wanted}`;
  const isUnquoted = wanted === 'text' && (typeof input === 'number' || typeof input === 'boolean');
  return `must be ${wanted}, not ${kindOf(input)}${isUnquoted ? '; put it in quotes' : ''}`;
}

/** `must be text, a number, true, false or null`: all that the value might have been. */
function oneOfKinds(issues: readonly z.core.$ZodIssue[], input: unknown): string {
  const values = issues.flatMap((issue) => (issue.code === 'invalid_value' ? issue.values : []));
  if (values.length === issues.length) return oneOf(values, input);
  const words = issues.flatMap((issue) => {
    if (issue.code === 'invalid_value') return issue.values.map(String);
    const kind = String(at(issue, 'expected'));
    return kind === 'boolean' ? ['true', 'false'] : [wordsForKind(kind)];
  });
  return ofKind(`${words.slice(0, -1).join(', ')} or ${words.at(-1)}`, input);
}

const kindWords: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  null: 'null',
};
/** The kind in words. Objects and records are the same to the author of a document. */
const wordsForKind = (kind: string): string => kindWords[kind] ?? 'an object';

function kindOf(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'number' || Number.isInteger(value)) return wordsForKind(typeof value);
  return Number.isFinite(value) ? 'a fraction' : String(value);
}

const at = (input: unknown, key: string): unknown => new Map<string, unknown>(Object.entries(Object(input))).get(key);
