// A service may answer with the very secret it was sent; messages to people must not pass it on. Pure text work.
import type { Observation } from '../core/model/observation.ts';

const HIDDEN = '***';
/** A shorter secret could be guessed; even whether a text contains it must not show. */
const SHORTEST = 4;

/** `value` is for a single value sent by a service, `message` for a sentence that contains such values. */
export type Conceal = Readonly<{ value: (text: string) => string; message: (text: string) => string }>;

export const concealNothing: Conceal = { value: (text) => text, message: (text) => text };

/**
 * Hides the secrets in upper and lower case and in their usual spellings: plain, escaped as JSON, encoded for a URL. A
 * text that holds one in a mixed spelling (`%68unter\2`) is hidden as a whole.
 */
export function concealing(given: readonly string[]): Conceal {
  // The receiver of a header drops the white space around its value.
  const secrets = given.map((secret) => secret.trim()).filter(Boolean);
  if (secrets.length === 0) return concealNothing;
  const spelled = [...new Set(secrets.flatMap(spellings))].toSorted((a, b) => b.length - a.length);
  const anySpelling = new RegExp(spelled.map(literally).join('|'), 'gi');
  const bared = secrets.map(bare).filter((secret) => secret.length >= SHORTEST);
  const message = (text: string) => {
    const rest = text.replace(anySpelling, HIDDEN);
    const plain = bare(rest);
    return bared.some((secret) => plain.includes(secret)) ? HIDDEN : rest;
  };
  return { message, value: secrets.some(({ length }) => length < SHORTEST) ? () => HIDDEN : message };
}

const literally = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

function spellings(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const form = new URLSearchParams({ s: secret }).toString().slice(2);
  const all = [secret, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(secret), encodeURI(secret), form];
  // A long row of digits that comes back as a JSON number is rounded, and would still show most of them.
  return /^[1-9]\d{15,}$/.test(secret) ? [...all, String(Number(secret))] : all;
}

/** What all spellings of a text have in common; decoded twice, because a text may be encoded twice. */
const bare = (text: string) => decoded(decoded(text)).replaceAll('\\', '').replaceAll('+', ' ').toLowerCase();
const decoded = (text: string) =>
  text.replace(/(?:%|\\u00)([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));

/** The observation, with a message that may be shown to people. */
export function withoutSecrets(observation: Observation, conceal: Conceal): Observation {
  if (observation.message === undefined) return observation;
  return { ...observation, message: conceal.message(observation.message) };
}
