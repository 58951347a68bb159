// The number of requests under way, in what a service answers when it is asked for it.
import { valueAt } from './json-path.ts';

/**
 * The number in `body`: the whole of it, or what stands at `path` of a JSON answer. Undefined when there is none, or when
 * it cannot be one: then it is not known, which is not zero. Part of a request is one under way.
 */
export function activeRequestsIn(body: string, path: string | undefined): number | undefined {
  const found = path === undefined ? body.trim() : at(body, path);
  const isNumber = typeof found === 'number' || (typeof found === 'string' && /^\d{1,9}(\.\d{1,9})?$/.test(found));
  const count = Math.ceil(Number(found));
  return isNumber && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

function at(body: string, path: string): unknown {
  try {
    return valueAt(JSON.parse(body), path);
  } catch {
    return undefined;
  }
}
