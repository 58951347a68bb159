// The flow with the true scrypt, behind a secret source that is at hand.
import { describe, expect, it } from 'vitest';

import { scryptPasswords } from '../../lambdas/adapters/scrypt-passwords.ts';
import { authorize } from '../../lambdas/authorize/authorize.ts';
import type { PasswordHash } from '../../lambdas/core/people/password-hash.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { basic, hashOf, secretOf } from '../make/people.ts';

const PASSWORD = 'correct: horse £ öl';
const dear = { ln: 16, r: 8, p: 2 };
const present = secretOf({ jane: hashOf(PASSWORD), jürgen: hashOf('another: one', dear) });
const signal = new AbortController().signal;

/** `asked` are the hashes that a password was checked against. */
function door(secret: string | Error = present, check = scryptPasswords.matches) {
  const log = fakeLog();
  const read: unknown[] = [];
  const asked: PasswordHash[] = [];
  const ports = {
    secrets: {
      read: async (...[kind, name]: [string, string, AbortSignal]) => {
        read.push([kind, name]);
        if (secret instanceof Error) throw secret;
        return secret;
      },
    },
    secretName: 'lamplighter/api/people',
    passwords: {
      matches: async (password: string, hash: PasswordHash) => {
        asked.push(hash);
        return await check(password, hash);
      },
    },
    log,
  };
  return {
    log,
    read,
    asked,
    knock: (authorization?: string) => authorize({ authorization, correlationId: 'request-1' }, ports, signal),
  };
}

describe('somebody', () => {
  it.each([
    ['with a password that has colons and letters beyond ASCII', basic('jane', PASSWORD), 'jane'],
    ['with letters typed as two characters', basic('jane', PASSWORD.normalize('NFD')), 'jane'],
    ['with a name beyond ASCII', basic('jürgen', 'another: one'), 'jürgen'],
    ['with such a name typed as two characters', basic('ju\u0308rgen', 'another: one'), 'jürgen'],
  ])('may come in %s', async (_what, header, user) => {
    const { knock, log, read } = door();
    expect(await knock(header)).toBe(user);
    expect(log.lines).toEqual([]);
    expect(read).toEqual([['secret', '/lamplighter/api/people']]);
  });

  it.each([
    ['with a wrong password', basic('jane', 'wrong'), 'jane'],
    ['with the password of another', basic('jane', 'another: one'), 'jane'],
    ['with an empty password', basic('jane', ''), 'jane'],
    ['with a password up to its colon', basic('jane', 'correct'), 'jane'],
    ['with a name in other letters', basic('Jane', PASSWORD), 'unknown'],
    ['with a name that is not there', basic('hunter2', 'hunter2'), 'unknown'],
    ['with a name that every object has', basic('constructor', 'x'), 'unknown'],
    ['with a token', 'Bearer hunter2', 'unknown'],
    ['with nothing that can be read', 'Basic hunter2', 'unknown'],
    ['with nothing', undefined, 'unknown'],
  ])('may not come in %s, and the log names only whom it knows', async (_what, header, user) => {
    const { knock, log } = door();
    expect(await knock(header)).toBeUndefined();
    expect(log.lines).toEqual([
      { level: 'warn', message: 'somebody was refused', details: { correlationId: 'request-1', user } },
    ]);
  });

  it('who is not known may not come in even with the password of whoever stands in', async () => {
    const { knock, asked } = door(secretOf({ jane: hashOf(PASSWORD) }));
    expect(await knock(basic('john', PASSWORD))).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  it('costs one check of the same kind, known or not, and none without a name', async () => {
    const costOf = async (header: string) => {
      const { knock, asked } = door(secretOf({ jane: hashOf(PASSWORD, dear) }));
      await knock(header);
      return asked.map(({ ln, r, p, salt, key }) => [ln, r, p, salt.length, key.length]);
    };
    const known = await costOf(basic('jane', 'wrong'));
    expect(known).toEqual([[16, 8, 2, 16, 32]]);
    for (const user of ['john', 'nobody', 'jan']) expect(await costOf(basic(user, 'wrong'))).toEqual(known);
    expect(await costOf('Basic x')).toEqual([]);
  });
});

describe('nobody', () => {
  it.each([
    ['is no JSON', 'hunter2', 'it must be {"users": {"a name": "a hash"}} and nothing else'],
    ['names nobody', '{"users":{}}', 'it names nobody, so nobody could come in'],
    ['is wrong for somebody else', secretOf({ jane: hashOf(PASSWORD), john: 'hunter2' }), 'user number 2: the hash'],
    ['would exhaust the function', secretOf({ jane: '$scrypt$ln=40,r=8,p=1$aa$aa' }), 'the hash costs too much'],
  ])('may come in while the secret %s, and the error quotes nothing of it', async (_what, secret, why) => {
    const { knock, asked } = door(secret);
    const failure = await knock(basic('jane', PASSWORD)).catch((error: unknown) => error);
    expect(String(failure)).toContain('PeopleError: the secret lamplighter/api/people is wrong: ');
    expect(String(failure)).toContain(why);
    expect(String(failure)).not.toContain('hunter2');
    expect(asked).toEqual([]);
  });

  it('may come in while the secret cannot be read', async () => {
    const { knock } = door(new Error('no such secret'));
    await expect(knock(basic('jane', PASSWORD))).rejects.toThrow('no such secret');
  });

  it('may come in while a password cannot be checked', async () => {
    const { knock } = door(present, () => Promise.reject(new Error('out of memory')));
    await expect(knock(basic('jane', PASSWORD))).rejects.toThrow('out of memory');
  });
});
