import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { COST, memoryOf, parseHash, textOfHash } from '../../../lambdas/core/people/password-hash.ts';
import { challengeOf, isUserName, parsePeople } from '../../../lambdas/core/people/people.ts';
import { secretOf } from '../../make/people.ts';

const SALT = 'MDEyMzQ1Njc4OWFiY2RlZg';
const KEY = 'A'.repeat(43);
const phc = (cost = 'ln=15,r=8,p=3', salt = SALT, key = KEY) => `$scrypt$${cost}$${salt}$${key}`;
const whyOf = (text: string) => {
  const parsed = parseHash(text);
  return parsed.kind === 'wrong' ? parsed.why : undefined;
};
const peopleOf = (users: Record<string, string>) => {
  const parsed = parsePeople(secretOf(users));
  if (parsed.kind === 'wrong') throw new Error(parsed.why);
  return parsed.people;
};

describe('a hash', () => {
  it('is read into its cost, its salt and its key', () => {
    const parsed = parseHash(phc());
    expect(parsed).toMatchObject({ kind: 'hash', hash: { ln: 15, r: 8, p: 3 } });
    expect(parsed.kind === 'hash' && Buffer.from(parsed.hash.salt).toString()).toBe('0123456789abcdef');
    expect(parsed.kind === 'hash' && [...parsed.hash.key]).toEqual(Array(32).fill(0));
  });

  it('is written as it is read, whatever its cost, salt and key', () => {
    const cost = fc.constantFrom({ ln: 13, r: 8, p: 10 }, { ln: 14, r: 8, p: 5 }, COST, { ln: 17, r: 8, p: 1 });
    const bytes = (minLength: number) => fc.uint8Array({ minLength, maxLength: 64 });
    fc.assert(
      fc.property(cost, bytes(16), bytes(32), (some, salt, key) => {
        const parsed = parseHash(textOfHash({ ...some, salt, key }));
        expect(parsed).toMatchObject({ kind: 'hash', hash: some });
        expect(parsed.kind === 'hash' && [[...parsed.hash.salt], [...parsed.hash.key]]).toEqual([[...salt], [...key]]);
      }),
    );
  });

  it.each(['ln=17,r=8,p=1', 'ln=16,r=8,p=2', 'ln=15,r=8,p=3', 'ln=14,r=8,p=5', 'ln=13,r=8,p=10'])(
    'may have any cost that OWASP names: %s',
    (cost) => {
      expect(parseHash(phc(cost))).toMatchObject({ kind: 'hash' });
    },
  );

  it.each([
    ['one that takes 256 MiB', 'ln=18,r=8,p=1'],
    ['one that takes 130 MiB by its blocks', 'ln=14,r=65,p=1'],
    ['one that takes too long', 'ln=15,r=8,p=9'],
    ['the dearest that can be written', 'ln=99,r=99,p=99'],
  ])('may not cost too much: %s', (_what, cost) => {
    expect(whyOf(phc(cost))).toBe('costs too much to check: give ln=15,r=8,p=3');
  });

  it('may take 128 MiB, and twice the work of OWASP, and no more', () => {
    expect(whyOf(phc('ln=17,r=8,p=2'))).toBeUndefined();
    expect(whyOf(phc('ln=17,r=8,p=3'))).toMatch(/too much/);
    expect(memoryOf({ ln: 17, r: 8 })).toBe(128 * 1024 * 1024);
    expect(whyOf(phc('ln=16,r=16,p=1'))).toBeUndefined();
    expect(whyOf(phc('ln=16,r=17,p=1'))).toMatch(/too much/);
  });

  it.each([
    ['a little less work than OWASP asks for', 'ln=14,r=8,p=4'],
    ['hardly any work', 'ln=1,r=1,p=1'],
    ['small blocks', 'ln=17,r=7,p=2'],
  ])('may not be cheap: %s', (_what, cost) => {
    expect(whyOf(phc(cost))).toBe('is too cheap to guess: give ln=15,r=8,p=3');
  });

  it.each([
    ['nothing', ''],
    ['the password itself', 'hunter2'],
    ['another function', phc().replace('scrypt', 'argon2id')],
    ['bcrypt', '$2b$12$LQv3c1yqBWVHxkd0LHAkCOYz6TtxMQJqhN8/LewdBPj4J/HS.iZ8e'],
    ['a cost of nothing', phc('ln=0,r=8,p=3')],
    ['a cost with a sign', phc('ln=-1,r=8,p=3')],
    ['a cost of three digits', phc('ln=150,r=8,p=3')],
    ['a cost without p', phc('ln=15,r=8')],
    ['costs in another order', phc('r=8,ln=15,p=3')],
    ['no key', '$scrypt$ln=15,r=8,p=3$MDEyMzQ1Njc4OWFiY2RlZg'],
    ['a salt that is no base64', phc('ln=15,r=8,p=3', 'MDEy-zQ1Njc4OWFiY2RlZg')],
    ['a key that is no base64', phc('ln=15,r=8,p=3', SALT, '!'.repeat(43))],
    ['something before', ` ${phc()}`],
    ['something behind', `${phc()}$x`],
    ['a second line', `${phc()}\n`],
  ])('is none: %s', (_what, text) => {
    expect(whyOf(text)).toBe('must be a hash such as $scrypt$ln=15,r=8,p=3$…$…; see npm run password');
  });

  it.each([
    ['salt is short', SALT.slice(0, 20), KEY],
    ['salt is long', 'A'.repeat(87), KEY],
    ['key is short, so that many passwords fit', SALT, 'A'.repeat(42)],
    ['key is long', SALT, 'A'.repeat(87)],
  ])('is wrong when its %s', (_what, salt, key) => {
    expect(whyOf(phc('ln=15,r=8,p=3', salt, key))).toBe('must have a salt of 16 to 64 bytes and a key of 32 to 64');
  });
});

describe('a name', () => {
  it.each(['jane', 'Jane.Doe', 'jane@example.com', 'jürgen', '李雷', '7of9', 'a+b_c-d', 'x'.repeat(64)])(
    'may be %s',
    (name) => {
      expect(isUserName(name)).toBe(true);
    },
  );

  it.each([
    ...['', 'a:b', 'a/b', 'a b', 'people/jane', '.hidden', '-x', 'x'.repeat(65), 'a"b', 'a\nb', 'jane\n', '__proto__'],
    'ju\u0308rgen',
  ])('may not be %j', (name) => {
    expect(isUserName(name)).toBe(false);
  });
});

describe('the secret', () => {
  it('names people, each with a hash', () => {
    expect([...peopleOf({ jane: phc(), jürgen: phc('ln=17,r=8,p=1') })].map(([name, { ln }]) => [name, ln])).toEqual([
      ['jane', 15],
      ['jürgen', 17],
    ]);
  });

  const shape = 'it must be {"users": {"a name": "a hash"}} and nothing else';
  it.each([
    ['empty', '', shape],
    ['no JSON', 'hunter2', shape],
    ['a list', '["hunter2"]', shape],
    ['null', 'null', shape],
    ['without users', '{}', shape],
    ['with the users at the top', JSON.stringify({ hunter2: phc() }), shape],
    ['with something beside the users', JSON.stringify({ users: { jane: phc() }, hunter2: 1 }), shape],
    ['with a number for a hash', '{"users":{"hunter2":7}}', shape],
    ['with a list of users', '{"users":["hunter2"]}', shape],
    ['without anybody', '{"users":{}}', 'it names nobody, so nobody could come in'],
    [
      'with a name that is none',
      secretOf({ jane: phc(), 'hunter2:x': phc() }),
      'user number 2: a name begins with a letter or digit and holds only those and . _ @ + -, 64 at most',
    ],
    [
      'with a password instead of a hash',
      secretOf({ jane: 'hunter2' }),
      'user number 1: the hash must be a hash such as $scrypt$ln=15,r=8,p=3$…$…; see npm run password',
    ],
    [
      'with a hash that would exhaust the function',
      secretOf({ jane: phc(), hunter2: phc('ln=30,r=8,p=1') }),
      'user number 2: the hash costs too much to check: give ln=15,r=8,p=3',
    ],
  ])('is wrong: %s', (_what, text, why) => {
    expect(parsePeople(text)).toEqual({ kind: 'wrong', why });
    expect(why).not.toContain('hunter2');
  });

  it('has nobody of the names that every object has', () => {
    const text = `{"users":{"jane":"${phc()}","__proto__":"${phc()}"}}`;
    const parsed = parsePeople(text);
    expect(parsed.kind === 'wrong' || !parsed.people.has('__proto__')).toBe(true);
    const people = peopleOf({ jane: phc() });
    for (const user of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
      expect(challengeOf(people, { user, password: '' })).toMatchObject({ isKnown: false });
  });
});

describe('what is to be checked', () => {
  const dear = 'ln=17,r=8,p=1';
  const people = peopleOf({ jane: phc(), john: phc(dear), mary: phc('ln=16,r=8,p=2') });

  it('is the hash of whoever is known', () => {
    expect(challengeOf(people, { user: 'john', password: 'x' })).toEqual({
      ...{ user: 'john', password: 'x', isKnown: true },
      hash: people.get('john'),
    });
  });

  it('is for a stranger the hash of somebody, always the same, so that the clock tells nothing', () => {
    const all = [...people.values()];
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (user, password) => {
        fc.pre(!people.has(user));
        const challenge = challengeOf(people, { user, password });
        expect(challenge).toMatchObject({ user, password, isKnown: false });
        expect(all).toContain(challenge?.hash);
        expect(challengeOf(people, { user, password: 'another' })?.hash).toBe(challenge?.hash);
      }),
    );
    const strangers = Array.from({ length: 200 }, (_, n) => challengeOf(people, { user: `x${n}`, password: '' })?.hash);
    for (const hash of all) expect(strangers.filter((one) => one === hash).length).toBeGreaterThan(30);
  });

  it('is nothing when there is nobody', () => {
    expect(challengeOf(new Map(), { user: 'jane', password: 'x' })).toBeUndefined();
  });
});
