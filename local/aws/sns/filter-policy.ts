// SNS filter policies: which messages a subscription wants. A policy with an operator that is not supported here is
// refused, never ignored: a subscription that silently gets nothing is worse than one that cannot be made.
import * as z from 'zod';

import { invalid } from './xml.ts';

export type FilterScope = 'MessageAttributes' | 'MessageBody';
type Scalar = string | number | boolean | null;
/** The values of an attribute: none if it is missing, several if it holds a list. */
type Test = (values: readonly Scalar[]) => boolean;
/** Whether a message's content (nested values by name) is wanted. */
export type FilterPolicy = (content: unknown) => boolean;

const scalarSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const recordSchema = z.record(z.string(), z.unknown());
const textSchema = z.strictObject({ prefix: z.string() }).or(z.strictObject({ suffix: z.string() }));
const butSchema = z.union([scalarSchema, z.array(scalarSchema).min(1), textSchema]);
const sign = z.enum(['=', '<', '<=', '>', '>=']);
const numericSchema = z.union([z.tuple([sign, z.number()]), z.tuple([sign, z.number(), sign, z.number()])]);

const refuse = (message: string) => invalid(`FilterPolicy: ${message}`);

/** Compiles a policy's JSON text; throws `InvalidParameter` with the name at fault. */
export function readFilterPolicy(text: string, scope: FilterScope): FilterPolicy {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse('failed to parse JSON.');
  }
  return compilePolicy(json, scope, '');
}

function compilePolicy(json: unknown, scope: FilterScope, path: string): FilterPolicy {
  const policy = recordSchema.safeParse(json);
  if (!policy.success || Array.isArray(json)) throw refuse(`${path || 'the policy'} must be an object`);
  const wanted = Object.entries(policy.data).map(([name, rule]): FilterPolicy => {
    const at = path ? `${path}.${name}` : name;
    if (name === '$or') return compileEither(rule, scope, at);
    if (Array.isArray(rule)) return compileName(name, rule, at);
    if (scope === 'MessageAttributes') throw refuse(`${at} must be an array`);
    const inner = compilePolicy(rule, scope, at);
    return (content) => lookUp(content, name).some(inner);
  });
  return (content) => wanted.every((isWanted) => isWanted(content));
}

function compileEither(rule: unknown, scope: FilterScope, path: string): FilterPolicy {
  const policies = z.array(z.unknown()).min(2).safeParse(rule);
  if (!policies.success) throw refuse(`${path} must be an array of at least two objects`);
  const any = policies.data.map((policy, n) => compilePolicy(policy, scope, `${path}[${n}]`));
  return (content) => any.some((isWanted) => isWanted(content));
}

function compileName(name: string, rules: readonly unknown[], path: string): FilterPolicy {
  if (rules.length === 0) throw refuse(`${path}: an empty array matches nothing`);
  const tests = rules.map((rule) => compileTest(rule, path));
  return (content) => {
    const values = lookUp(content, name).flatMap((value) => {
      const scalar = scalarSchema.safeParse(value);
      return scalar.success ? [scalar.data] : [];
    });
    return tests.some((test) => test(values));
  };
}

function compileTest(rule: unknown, path: string): Test {
  const scalar = scalarSchema.safeParse(rule);
  if (scalar.success) return (values) => values.includes(scalar.data);
  const operator = recordSchema.safeParse(rule);
  const [name, operand] = Object.entries(operator.data ?? {})[0] ?? [];
  if (name === undefined || Object.keys(operator.data ?? {}).length !== 1)
    throw refuse(`${path}: one operator is expected`);
  const bad = () => refuse(`${path}: ${name} has a value that it does not take`);
  const decode = <T>(schema: z.ZodType<T>): T => {
    const parsed = schema.safeParse(operand);
    if (!parsed.success) throw bad();
    return parsed.data;
  };
  switch (name) {
    case 'prefix':
    case 'suffix':
      return some(textTest(name, decode(z.string())));
    case 'equals-ignore-case': {
      const wanted = decode(z.string()).toLowerCase();
      return some((value) => typeof value === 'string' && value.toLowerCase() === wanted);
    }
    case 'exists': {
      const isWanted = decode(z.boolean());
      return (values) => values.length > 0 === isWanted;
    }
    case 'anything-but':
      return butTest(decode(butSchema));
    case 'numeric': {
      const [first, one, second, two] = decode(numericSchema);
      return some((value) => compare(value, first, one) && (second === undefined || compare(value, second, two ?? 0)));
    }
    default:
      throw refuse(`${path}: Unrecognized match type ${name}`);
  }
}

const some =
  (test: (value: Scalar) => boolean): Test =>
  (values) =>
    values.some(test);

function textTest(kind: 'prefix' | 'suffix', part: string) {
  return (value: Scalar) =>
    typeof value === 'string' && (kind === 'prefix' ? value.startsWith(part) : value.endsWith(part));
}

/** A missing value is not "anything but": it matches nothing. */
function butTest(but: z.infer<typeof butSchema>): Test {
  if (but !== null && typeof but === 'object' && !Array.isArray(but)) {
    const unwanted = 'prefix' in but ? textTest('prefix', but.prefix) : textTest('suffix', but.suffix);
    return (values) => values.length > 0 && !values.some(unwanted);
  }
  const unwanted = Array.isArray(but) ? but : [but];
  return (values) => values.length > 0 && !values.some((value) => unwanted.includes(value));
}

function compare(value: Scalar, sign: z.infer<typeof numericSchema>[0], bound: number): boolean {
  if (typeof value !== 'number') return false;
  const outcomes = {
    '=': value === bound,
    '<': value < bound,
    '<=': value <= bound,
    '>': value > bound,
    '>=': value >= bound,
  };
  return outcomes[sign];
}

/** The values under a name; each member of a list counts. */
function lookUp(content: unknown, name: string): readonly unknown[] {
  const record = recordSchema.safeParse(content).data;
  if (!record || !Object.hasOwn(record, name)) return [];
  const value = record[name];
  return Array.isArray(value) ? value : [value];
}
