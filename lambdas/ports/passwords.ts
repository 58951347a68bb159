// How people prove who they are.
// The docstrings are contracts: every adapter and every fake keeps them.
import type { PasswordHash } from '../core/people/password-hash.ts';

export interface PasswordCheck {
  /** Whether this is the password that was hashed. Takes as long for a wrong one as for the right one. */
  matches(password: string, hash: PasswordHash): Promise<boolean>;
}
