// Who may use the API with a password: the secret's JSON, `{ "users": { "jane": "$scrypt$…" } }`, and which hash to
// check.
import * as z from 'zod/mini';

import { partOf } from '../values/hash.ts';
import { type Credentials, normalized } from './basic-credentials.ts';
import { parseHash, type PasswordHash } from './password-hash.ts';

export type People = ReadonlyMap<string, PasswordHash>;
/** `why` goes to logs: it counts the users and quotes nothing, neither a value nor a name, for people mix those up. */
export type ParsedPeople = { kind: 'people'; people: People } | { kind: 'wrong'; why: string };

const peopleSchema = z.strictObject({ users: z.record(z.string(), z.string()) });
/**
 * No colon, because it ends the name in the header; no slash and no space, because names stand in logs and histories.
 */
const USER_NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@+-]{0,63}$/u;

export const isUserName = (name: string): boolean => USER_NAME.test(name) && name === normalized(name);
export const USER_NAME_RULE = 'a name begins with a letter or digit and holds only those and . _ @ + -, 64 at most';

export function parsePeople(text: string): ParsedPeople {
  const document = z.safeParse(peopleSchema, parsedJson(text));
  if (!document.success) return wrong('it must be {"users": {"a name": "a hash"}} and nothing else');
  const people = new Map<string, PasswordHash>();
  for (const [name, hash] of Object.entries(document.data.users)) {
    const parsed = parseHash(hash);
    const which = `user number ${people.size + 1}`;
    if (!isUserName(name)) return wrong(`${which}: ${USER_NAME_RULE}`);
    if (parsed.kind === 'wrong') return wrong(`${which}: the hash ${parsed.why}`);
    people.set(name, parsed.hash);
  }
  return people.size === 0 ? wrong('it names nobody, so nobody could come in') : { kind: 'people', people };
}
const wrong = (why: string): ParsedPeople => ({ kind: 'wrong', why });

/** JSON's own error quotes the text, so it is dropped: what is no JSON is no object either. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is to be checked before somebody comes in: the password against the hash. Without `isKnown` nobody does. */
export type Challenge = Credentials & Readonly<{ hash: PasswordHash; isKnown: boolean }>;

/**
 * A name that is not known gets the hash of somebody, always the same: so it costs what a known one costs, also where
 * hashes differ in their cost, and nobody can learn names from a clock. Undefined when there is nobody at all.
 */
export function challengeOf(people: People, claimed: Credentials): Challenge | undefined {
  const known = people.get(claimed.user);
  if (known) return { ...claimed, hash: known, isKnown: true };
  const all = [...people.values()];
  const hash = all[partOf(claimed.user, Math.max(all.length, 1))];
  return hash && { ...claimed, hash, isKnown: false };
}
