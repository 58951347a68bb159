// The number of requests in flight, read from what a service answers when it is asked for it.
import { valueAt } from './json-path.ts';

/**
 * The number in `body`: all of it, or the value at `path` in a JSON answer. Undefined when there is no number, or not a
 * possible one: then the count is not known, which is not zero. A fraction of a request counts as one in flight.
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
