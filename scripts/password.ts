// npm run --silent password -- jane: asks for a password and prints the secret to store, with the command that stores
// it. The password goes nowhere else; neither it nor its hash is written to a file or sent anywhere.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { Command } from 'commander';

import { deriveKey } from '../lambdas/adapters/scrypt-passwords.ts';
import { normalized } from '../lambdas/core/people/basic-credentials.ts';
import { COST, KEY_BYTES, SALT_BYTES, textOfHash } from '../lambdas/core/people/password-hash.ts';
import { isUserName, parsePeople, USER_NAME_RULE } from '../lambdas/core/people/people.ts';
import { askPassword, GivenUp } from './password/ask.ts';

/** NIST SP 800-63B asks for 15 if a password is the only proof, and for no special characters. */
const LEAST_CHARACTERS = 15;
const MOST_CHARACTERS = 256;

const program = new Command('npm run --silent password --')
  .description(
    'Hashes a password for the API for people (setting api.basic). JSON goes to standard output, the rest not.',
  )
  .argument('<name>', 'who is to come in')
  .option('--into <file>', 'the present secret, to which the name is added or in which it is replaced')
  .option('--secret <name>', 'name of the secret', 'lamplighter/api/people')
  .action(async (name: string, options: { into?: string; secret: string }) => {
    try {
      const hashes = options.into === undefined ? {} : presentHashes(options.into);
      const user = normalized(name);
      if (!isUserName(user)) throw new GivenUp(USER_NAME_RULE);
      console.log(JSON.stringify({ users: { ...hashes, [user]: await hashOf(user) } }));
      tellHowToStore(options);
    } catch (error) {
      if (!(error instanceof GivenUp)) throw error;
      console.error(error.message);
      process.exitCode = 1;
    }
  });
await program.parseAsync();

async function hashOf(user: string): Promise<string> {
  const password = normalized(await askPassword(user));
  const characters = [...password].length;
  if (characters < LEAST_CHARACTERS || characters > MOST_CHARACTERS)
    throw new GivenUp(`a password has ${LEAST_CHARACTERS} to ${MOST_CHARACTERS} characters; take four or five words`);
  if (/\p{Cc}/u.test(password)) throw new GivenUp('a password holds no control characters');
  const salt = randomBytes(SALT_BYTES);
  return textOfHash({ ...COST, salt, key: await deriveKey(password, COST, salt, KEY_BYTES) });
}

/** A fault in the file would be stored again and lock everybody out, so it is reported now. */
function presentHashes(file: string): Record<string, string> {
  const parsed = parsePeople(textOf(file));
  if (parsed.kind === 'wrong') throw new GivenUp(`${file}: ${parsed.why}`);
  return Object.fromEntries([...parsed.people].map(([name, hash]) => [name, textOfHash(hash)]));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new GivenUp(`${file} cannot be read: ${error instanceof Error ? error.message : 'fault'}`);
  }
}

function tellHowToStore({ into, secret }: { into?: string; secret: string }): void {
  const store = into === undefined ? `create-secret --name ${secret}` : `put-secret-value --secret-id ${secret}`;
  console.error(`
Save the line above as people.json, store it, and remove the file:
  aws secretsmanager ${store} --secret-string file://people.json && rm people.json`);
  if (into === undefined)
    console.error(`
Is there such a secret already? Then begin with what it holds, or everybody else is shut out:
  aws secretsmanager get-secret-value --secret-id ${secret} --query SecretString --output text > now.json
  npm run --silent password -- NAME --into now.json > people.json
  aws secretsmanager put-secret-value --secret-id ${secret} --secret-string file://people.json && rm now.json people.json`);
}
