// Whether somebody may use the API with a name and a password. If in doubt, the answer is no.
import { parseBasic } from '../core/people/basic-credentials.ts';
import { challengeOf, parsePeople } from '../core/people/people.ts';
import type { PasswordCheck } from '../ports/passwords.ts';
import type { SecretSource } from '../ports/prober.ts';
import type { Log } from '../ports/process.ts';

export type AuthorizePorts = Readonly<{
  secrets: SecretSource;
  /** The secret's name in Secrets Manager. */
  secretName: string;
  passwords: PasswordCheck;
  log: Log;
}>;

/** The secret is wrong; says where, but nothing of its content. */
class PeopleError extends Error {
  override readonly name = 'PeopleError';
}

/**
 * The name of the person who is let in, or undefined. Rejects when the secret cannot be read or is wrong: then nobody
 * is let in, and the alarm on errors fires.
 */
export async function authorize(
  request: Readonly<{ authorization?: string | undefined; correlationId: string }>,
  { secrets, secretName, passwords, log }: AuthorizePorts,
  signal: AbortSignal,
): Promise<string | undefined> {
  const claimed = parseBasic(request.authorization);
  const parsed = parsePeople(await secrets.read('secret', `/${secretName}`, signal));
  if (parsed.kind === 'wrong') throw new PeopleError(`the secret ${secretName} is wrong: ${parsed.why}`);
  const challenge = claimed && challengeOf(parsed.people, claimed);
  const matches = challenge !== undefined && (await passwords.matches(challenge.password, challenge.hash));
  if (matches && challenge.isKnown) return challenge.user;
  // A name that nobody has may be a password that was typed into the wrong field.
  const user = challenge?.isKnown ? challenge.user : 'unknown';
  log.warn('somebody was refused', { correlationId: request.correlationId, user });
  return undefined;
}
