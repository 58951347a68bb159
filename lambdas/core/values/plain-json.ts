// What a JSON value must satisfy before its fields are checked: not too large, not too deep, and no name with a meaning
// in JavaScript itself, with which a plain object would not look like one to zod and to the table's client.

const REFUSED_NAMES: readonly string[] = ['__proto__', 'constructor', 'prototype'];
/** No document of ours goes beyond 6. */
const MAX_DEPTH = 20;

type Path = readonly (string | number)[];

/** What is wrong with the value as a whole, or undefined. */
export function outerFault(value: unknown, maxBytes: number): string | undefined {
  if (isDeeper(value, MAX_DEPTH)) return `must not be nested deeper than ${MAX_DEPTH} levels`;
  const bytes = new TextEncoder().encode(JSON.stringify(value)).length;
  return bytes > maxBytes ? `must be at most ${maxBytes} bytes as JSON, and has ${bytes}` : undefined;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** The value without the names that are refused, and where they were. */
export function withoutRefusedNames(value: unknown): { value: unknown; refused: readonly Path[] } {
  const refused: Path[] = [];
  const clean = (inner: unknown, path: Path): unknown => {
    if (Array.isArray(inner)) return inner.map((item, index) => clean(item, [...path, index]));
    if (typeof inner !== 'object' || inner === null) return inner;
    const fields = Object.entries(inner).filter(([name]) => {
      if (REFUSED_NAMES.includes(name)) refused.push([...path, name]);
      return !REFUSED_NAMES.includes(name);
    });
    return Object.fromEntries(fields.map(([name, field]) => [name, clean(field, [...path, name])]));
  };
  return { value: clean(value, []), refused };
}

/** The value without what lies at the path; all the rest stays the very same. */
export function without(value: unknown, [first, ...rest]: readonly PropertyKey[]): unknown {
  if (Array.isArray(value)) return value.map((inner, index) => (index === first ? without(inner, rest) : inner));
  return Object.fromEntries(
    Object.entries(Object(value)).flatMap(([name, inner]): [string, unknown][] => {
      if (name !== first) return [[name, inner]];
      return rest.length === 0 ? [] : [[name, without(inner, rest)]];
    }),
  );
}
