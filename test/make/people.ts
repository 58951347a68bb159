// Hashes, secrets and headers of people, for the tests of the API for people.
import { scryptSync } from 'node:crypto';

import { type ScryptCost, textOfHash } from '../../lambdas/core/people/password-hash.ts';

/** The cheapest cost that is accepted. */
const CHEAP: ScryptCost = { ln: 14, r: 8, p: 5 };
const salt = Buffer.from('0123456789abcdef');

export function hashOf(password: string, cost: ScryptCost = CHEAP): string {
  const { ln, r, p } = cost;
  const key = scryptSync(password.normalize('NFC'), salt, 32, { N: 2 ** ln, r, p, maxmem: 2 ** 28 });
  return textOfHash({ ...cost, salt, key });
}

export const secretOf = (users: Readonly<Record<string, string>>): string => JSON.stringify({ users });

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
