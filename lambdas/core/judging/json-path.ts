// Finds one value in a JSON answer by the child-segment subset of RFC 9535 that a registration may use.

/** A member by name, an element by index, or a member in quotes; JSON_PATH of the registration has vetted the form. */
const SEGMENT = /\.([A-Za-z_][\w-]*)|\[(\d{1,4})\]|\['([^']{1,100})'\]/g;

/**
 * The value at `path` (`$.items[0].ok`), or undefined when there is none: JSON itself holds no undefined. Sees own
 * members only, so `$.constructor` or `$.items.length` is nothing that a service said.
 */
export function valueAt(document: unknown, path: string): unknown {
  let value = document;
  for (const [, name, index, quoted] of path.matchAll(SEGMENT)) {
    value = index === undefined ? member(value, String(name ?? quoted)) : element(value, Number(index));
  }
  return value;
}

const element = (value: unknown, index: number): unknown => (Array.isArray(value) ? value[index] : undefined);

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}
