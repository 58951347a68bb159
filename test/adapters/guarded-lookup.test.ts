// What a host becomes: one vetted address, or a reason not to dial.
import { describe, expect, it } from 'vitest';

import { guardedLookup } from '../../lambdas/adapters/guarded-lookup.ts';

const answering = (...addresses: string[]) => guardedLookup(['127.0.0.0/8'], async () => addresses);
const failing = (code: string) =>
  guardedLookup([], () => Promise.reject(Object.assign(new Error(`getaddrinfo ${code} secret.test`), { code })));

describe('a name', () => {
  it('gives its first IPv4 address, or its first IPv6 address when it has no other', async () => {
    expect(await answering('2606:4700::1', '1.1.1.1', '1.0.0.1')('a.test')).toEqual({
      kind: 'dial',
      address: '1.1.1.1',
    });
    expect(await answering('2606:4700::1', '2606:4700::2')('a.test')).toEqual({
      kind: 'dial',
      address: '2606:4700::1',
    });
  });

  it('is refused for one bad address among good ones, wherever it stands', async () => {
    for (const addresses of [
      ['10.0.0.1', '1.1.1.1'],
      ['1.1.1.1', '::ffff:169.254.169.254'],
    ])
      expect(await answering(...addresses)('a.test')).toMatchObject({
        kind: 'stop',
        observation: { verdict: 'unknown', cause: 'address_refused' },
      });
  });

  it('says which address was refused, and why', async () => {
    expect(await answering('10.0.0.1')('a.test')).toMatchObject({
      observation: { message: 'a.test leads to 10.0.0.1, which Lamplighter does not dial: private' },
    });
  });

  it('without an address is refused', async () => {
    expect(await answering()('a.test')).toMatchObject({ observation: { cause: 'address_refused' } });
  });

  it('is looked up in /etc/hosts unless something else is given', async () => {
    expect(await guardedLookup(['127.0.0.0/8', '::1/128'])('localhost')).toMatchObject({
      kind: 'dial',
      address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
    });
    expect(await guardedLookup([])('localhost')).toMatchObject({ observation: { cause: 'address_refused' } });
  });
});

describe('a name that is not found', () => {
  it('is down when it does not exist', async () => {
    expect(await failing('ENOTFOUND')('a.test')).toEqual({
      kind: 'stop',
      observation: { verdict: 'down', cause: 'name_unresolved', message: 'the name does not exist' },
    });
  });

  it.each(['EAI_AGAIN', 'EAI_FAIL', 'ETIMEOUT', 'ESERVFAIL'])(
    'is our own trouble when the name server fails (%s)',
    async (code) => {
      expect(await failing(code)('a.test')).toEqual({
        kind: 'stop',
        observation: { verdict: 'unknown', cause: 'own_trouble', message: `Lamplighter could not probe (${code})` },
      });
    },
  );
});

it('a name server that refuses, resets or is out of reach is our own trouble, never the service', async () => {
  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ETIMEDOUT'])
    expect(await failing(code)('a.test')).toEqual({
      kind: 'stop',
      observation: { verdict: 'unknown', cause: 'own_trouble', message: 'the name could not be looked up' },
    });
});

describe('an address', () => {
  it.each(['127.0.0.1', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433'])(
    'spelled %s is judged without a look-up',
    async (spelling) => {
      const unasked = guardedLookup(['127.0.0.0/8'], () => Promise.reject(new Error('asked')));
      expect(await unasked(spelling)).toMatchObject({ kind: 'dial' });
      const closed = guardedLookup([], () => Promise.reject(new Error('asked')));
      expect(await closed(spelling)).toMatchObject({ observation: { cause: 'address_refused' } });
    },
  );

  it('is judged the same the second time, and after thousands of others', async () => {
    let last = '';
    const guard = guardedLookup([], async () => [last]);
    for (let index = 0; index < 20_010; index += 1) {
      last = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
      expect((await guard('a.test')).kind).toBe('stop');
    }
    last = '1.1.1.1';
    expect(await guard('a.test')).toEqual({ kind: 'dial', address: '1.1.1.1' });
    expect(await guard('a.test')).toEqual({ kind: 'dial', address: '1.1.1.1' });
  });
});
