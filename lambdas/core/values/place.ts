// A place in a history that is read newest first: where one page ends and the next begins.
import * as z from 'zod/mini';

/**
 * Entries older than `at` (epoch ms). With an `id`, also the entries of that same moment that come after the one with
 * that id, so that a page may end in the middle of a moment without losing anything.
 */
export type Place = Readonly<{ at: number; id?: string | undefined }>;

/** The last moment that a key of the table can name. */
const LAST = 9_999_999_999_999;
const ID = /^[\w.:-]{1,200}$/;

/** `2026-01-31T12:00:00.000Z~i000012`: reads as a time, and is one for whoever cuts it at the `~`. */
export const placeText = ({ at, id }: Place): string =>
  `${new Date(at).toISOString()}${id === undefined ? '' : `~${id}`}`;

/** The place that a text names: a time, or what `placeText` wrote. Undefined for any other text. */
export function parsePlace(text: string): Place | undefined {
  const end = text.includes('~') ? text.indexOf('~') : text.length;
  const time = text.slice(0, end);
  if (!z.safeParse(z.iso.datetime(), time).success) return undefined;
  const at = Math.min(Math.max(0, Date.parse(time)), LAST);
  if (end === text.length) return { at };
  const id = text.slice(end + 1);
  return ID.test(id) ? { at, id } : undefined;
}

/** Of `limit + 1` entries found, the page, and the place where the next one begins; null when this was the last. */
export function pageOf<T>(
  found: readonly T[],
  limit: number,
  placeOf: (entry: T) => Place,
): { page: readonly T[]; next: string | null } {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return { page, next: last !== undefined && found.length > limit ? placeText(placeOf(last)) : null };
}
