// npm run password as a real process: its answer, what it refuses, and that a terminal shows nothing of the password.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, describe, expect, it } from 'vitest';

import { scryptPasswords } from '../../lambdas/adapters/scrypt-passwords.ts';
import { challengeOf, parsePeople } from '../../lambdas/core/people/people.ts';
import { hashOf, secretOf } from '../make/people.ts';

const program = fileURLToPath(new URL('../../scripts/password.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lamplighter-password-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PASSWORD = 'correct: horse £ battery';
/** Makes a terminal for a program; part of util-linux. */
const SCRIPT = '/usr/bin/script';

async function run(args: readonly string[], input: string) {
  const child = spawn(process.execPath, [program, ...args]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (part) => void (stdout += String(part)));
  child.stderr.on('data', (part) => void (stderr += String(part)));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}
/** Whether this password opens the door for this name, by the secret that was printed. */
async function opens(secret: string, user: string, password: string): Promise<boolean> {
  const parsed = parsePeople(secret);
  const challenge = parsed.kind === 'people' ? challengeOf(parsed.people, { user, password }) : undefined;
  return challenge?.isKnown === true && (await scryptPasswords.matches(challenge.password, challenge.hash));
}
function fileOf(text: string): string {
  const file = join(folder, 'now.json');
  writeFileSync(file, text);
  return file;
}

describe('the password command', () => {
  it('prints one line of JSON with which that person, and nobody else, may come in', async () => {
    const { code, stdout, stderr } = await run(['jane'], `${PASSWORD}\n`);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).toMatch(/^\{"users":\{"jane":"\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}"\}\}\n$/);
    expect(await opens(stdout, 'jane', PASSWORD)).toBe(true);
    expect(await opens(stdout, 'jane', `${PASSWORD}!`)).toBe(false);
    expect(stderr).toContain('aws secretsmanager create-secret --name lamplighter/api/people --secret-string file://');
    expect(`${stdout}${stderr}`).not.toContain(PASSWORD);
  });

  it('makes another hash of the same password each time', async () => {
    const [first, second] = await Promise.all([run(['jane'], PASSWORD), run(['jane'], PASSWORD)]);
    expect(first.stdout).not.toBe(second.stdout);
  });

  it('takes name and password in normal form C, whatever the keyboard sends', async () => {
    const { stdout } = await run(['ju\u0308rgen'], 'o\u0308l und noch mehr O\u0308l\n');
    expect(await opens(stdout, 'jürgen', 'öl und noch mehr Öl')).toBe(true);
  });

  it('adds somebody to the present secret, and replaces whoever is in it', async () => {
    const now = fileOf(secretOf({ john: hashOf('as it was'), jane: hashOf('as it was') }));
    const { stdout, stderr } = await run(['jane', '--into', now, '--secret', 'a/b'], `${PASSWORD}\n`);
    expect(await opens(stdout, 'john', 'as it was')).toBe(true);
    expect(await opens(stdout, 'jane', PASSWORD)).toBe(true);
    expect(await opens(stdout, 'jane', 'as it was')).toBe(false);
    expect(stderr).toContain('aws secretsmanager put-secret-value --secret-id a/b --secret-string file://people.json');
    expect(stderr).not.toContain('create-secret');
    expect(readFileSync(now, 'utf8')).not.toContain(stdout.trim());
  });

  it.each([
    ['a password that is short', ['jane'], 'fourteen chars\n', 'a password has 15 to 256 characters'],
    ['a password that is long', ['jane'], 'x'.repeat(257), 'a password has 15 to 256 characters'],
    ['a password with control characters', ['jane'], 'tabs\tare none of ours\n', 'no control characters'],
    ['no password', ['jane'], '', 'no password was given'],
    ['a name with a colon', ['jane:doe'], PASSWORD, 'a name begins with a letter or digit'],
    ['a name with a slash', ['people/jane'], PASSWORD, 'a name begins with a letter or digit'],
    ['no name', [], PASSWORD, "missing required argument 'name'"],
    ['a file that is not there', ['jane', '--into', join(folder, 'none')], PASSWORD, 'none cannot be read: ENOENT'],
  ])('refuses %s, and prints no secret', async (_what, args, input, message) => {
    const { code, stdout, stderr } = await run(args, input);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
  });

  it('refuses to add to a secret that would shut everybody out', async () => {
    const { code, stdout, stderr } = await run(['jane', '--into', fileOf('{"users":{"john":"hunter2"}}')], PASSWORD);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('user number 1: the hash must be a hash such as $scrypt$');
    expect(stderr).not.toContain('hunter2');
  });
});

describe.skipIf(!existsSync(SCRIPT))('on a terminal, the password command', () => {
  /** Types an answer as soon as its question is there; what is typed earlier, any program's terminal shows. */
  async function atTerminal(first: string, second: string) {
    const child = spawn(SCRIPT, ['-qec', `${process.execPath} ${program} jane`, '/dev/null']);
    const answers: [question: string, answer: string][] = [
      ['Password for jane: ', first],
      ['Once more: ', second],
    ];
    let shown = '';
    child.stdout.on('data', (part) => {
      shown += String(part);
      const [next] = answers;
      if (next && shown.includes(next[0])) {
        answers.shift();
        child.stdin.write(next[1]);
      }
    });
    const [code] = (await once(child, 'close')) as [number];
    return { code, shown };
  }

  it('asks twice and echoes nothing', async () => {
    const { code, shown } = await atTerminal(`${PASSWORD}\n`, `${PASSWORD}\n`);
    expect(code).toBe(0);
    expect(shown).not.toContain('correct');
    const [secret = ''] = /\{"users".*\}/.exec(shown) ?? [];
    expect(await opens(secret, 'jane', PASSWORD)).toBe(true);
  });

  it.each([
    ['two different passwords', `${PASSWORD}\n`, 'another one of length\n', 'these were two different passwords'],
    ['Ctrl-C', 'half a pass\x03', '', 'no password was given'],
    ['Ctrl-D', '\x04', '', 'no password was given'],
  ])('gives up at %s', async (_what, first, second, message) => {
    const { code, shown } = await atTerminal(first, second);
    expect(code).toBe(1);
    expect(shown).toContain(message);
    expect(shown).not.toContain('scrypt');
  });
});
