// What is wrong with an input, said so that its author can mend it: every fault with its path and the fix.
import type * as z from 'zod';

export type Fault = Readonly<{ path: string; message: string }>;
export type Decoded<T> = { kind: 'good'; value: T } | { kind: 'faulty'; faults: readonly Fault[] };

/** Decodes what came from outside; a fault names its path, such as `restart.steps[0].cluster`. */
export function decode<T>(schema: z.ZodType<T>, input: unknown): Decoded<T> {
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) return { kind: 'good', value: result.data };
  return { kind: 'faulty', faults: result.error.issues.flatMap((issue) => faultsOf(issue)) };
}

/** The document itself is `(document)`. */
function pathText(path: readonly PropertyKey[]): string {
  const text = path.reduce<string>((before, part) => {
    if (typeof part === 'number') return `${before}[${part}]`;
    return before === '' ? String(part) : `${before}.${String(part)}`;
  }, '');
  return text === '' ? '(document)' : text;
}

function faultsOf(issue: z.core.$ZodIssue): readonly Fault[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: pathText([...issue.path, key]),
      message: 'is not a known field; remove it or correct its name',
    }));
  return [{ path: pathText(issue.path), message: messageOf(issue) }];
}

function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `is missing; give ${withArticle(issue.expected)}`
        : `must be ${withArticle(issue.expected)}, not ${kindOf(issue.input)}`;
    case 'too_small':
      return `must be at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'invalid_union':
      return issue.discriminator === undefined
        ? 'must be text, a number, true, false or null'
        : `must be one of ${optionsOf(issue)}`;
    case 'invalid_key':
      return `is no good name here: it ${issue.issues.map(({ message }) => message).join(', ')}`;
    default:
      // Patterns and refinements bring a message of our own, written at the schema.
      return issue.message;
  }
}

const unitOf = (origin: string) => ({ string: ' characters long', array: ' items', record: ' entries' })[origin] ?? '';
const withArticle = (kind: string) =>
  /^[aeio]/.test(kind) && kind !== 'int' ? `an ${kind}` : kind === 'int' ? 'a whole number' : `a ${kind}`;

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'number' && !Number.isInteger(value) ? 'a fraction' : withArticle(typeof value);
}

function optionsOf(issue: z.core.$ZodIssueInvalidUnion): string {
  return 'options' in issue && Array.isArray(issue.options) ? issue.options.join(', ') : 'the documented kinds';
}
