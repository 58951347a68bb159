// Names to addresses, asked of a real name server that answers some and leaves others waiting.
import { createServer } from 'node:http';

import { describe, expect, it } from 'vitest';

import { guardedLookup } from '../../lambdas/adapters/guarded-lookup.ts';
import { nameResolver, type Resolve } from '../../lambdas/adapters/name-resolver.ts';
import { nameServer } from '../make/name-server.ts';
import { listen, look } from '../make/probe-bench.ts';

const hosts = () => undefined;
const system: Resolve = () => Promise.reject(new Error('the system was asked'));
const IPV6 = '2001:db8::1';

it('ten silent names delay none of thirty good ones', async () => {
  const { servers } = await nameServer();
  const resolve = nameResolver({ servers, hosts, system });
  const port = await listen(createServer((_, response) => response.end('ok')));
  const probing = (name: string) =>
    look({ kind: 'http', url: `http://${name}.test:${port}/`, timeoutSeconds: 2 }, { resolve });
  const silent = Array.from({ length: 10 }, (_, index) => probing(`silent-${index}`));
  const good = Array.from({ length: 30 }, (_, index) => probing(`good-${index}`));
  const first = await Promise.race([
    Promise.all(good),
    Promise.race(silent).then(() => 'a silent name came before a good one'),
  ]);
  expect(first).toEqual(Array(30).fill(expect.objectContaining({ verdict: 'up' })));
  for (const { verdict, cause } of await Promise.all(silent))
    expect({ verdict, cause }).toEqual({ verdict: 'unknown', cause: 'own_trouble' });
});

describe('a name with a dot', () => {
  it.each([
    ['good-1.test', ['127.0.0.1']],
    ['both-1.test', ['127.0.0.1', IPV6]],
    ['six-1.test', [IPV6]],
    ['half-1.test', ['127.0.0.1']],
  ])('%s has the addresses of whichever family answers, IPv4 first', async (name, addresses) => {
    const { servers } = await nameServer();
    expect(await nameResolver({ servers, hosts, system })(name)).toEqual(addresses);
  });

  it('does not wait until IPv6 is given up when IPv4 has answered', async () => {
    const slow = { resolve4: async () => ['127.0.0.1'], resolve6: () => new Promise<never>(() => undefined) };
    expect(await nameResolver({ servers: slow as never, hosts, system })('half-1.test')).toEqual(['127.0.0.1']);
  });

  it.each([
    ['missing-1.test', 'down', 'name_unresolved'],
    ['empty-1.test', 'down', 'name_unresolved'],
    ['broken-1.test', 'unknown', 'own_trouble'],
    ['silent-1.test', 'unknown', 'own_trouble'],
  ])('%s, without an address, is %s (%s)', async (name, verdict, cause) => {
    const { servers } = await nameServer();
    expect(await guardedLookup([], nameResolver({ servers, hosts, system }))(name)).toMatchObject({
      kind: 'stop',
      observation: { verdict, cause },
    });
  });

  it.each(['ETIMEOUT', 'ESERVFAIL', 'ECONNREFUSED', 'EREFUSED', 'ECANCELLED'])(
    'is not called missing when one family failed with %s and the other has none',
    async (code) => {
      const fail = (as: string) => () => Promise.reject(Object.assign(new Error(as), { code: as }));
      for (const [first, second] of [
        [code, 'ENODATA'],
        ['ENOTFOUND', code],
      ] as const) {
        const servers = { resolve4: fail(first), resolve6: fail(second) };
        expect(await guardedLookup([], nameResolver({ servers, hosts, system }))('a.test')).toMatchObject({
          observation: { verdict: 'unknown', cause: 'own_trouble' },
        });
      }
    },
  );

  it('whose name server is out of reach is our own trouble', async () => {
    const { servers } = await nameServer();
    servers.setServers(['127.0.0.1:1']);
    expect(await guardedLookup([], nameResolver({ servers, hosts, system }))('good-1.test')).toMatchObject({
      observation: { verdict: 'unknown', cause: 'own_trouble' },
    });
  });
});

describe('an answer', () => {
  it('serves all who ask for the name, however spelled, for ten seconds', async () => {
    const { servers, asked } = await nameServer();
    let now = 1_000_000;
    const resolve = nameResolver({ servers, hosts, system, now: () => now });
    await Promise.all(['good-1.test', 'good-1.test', 'GOOD-1.test', 'good-1.test.'].map(resolve));
    now += 9_999;
    await resolve('good-1.test');
    expect(asked.toSorted()).toEqual(['A good-1.test', 'AAAA good-1.test']);
    now += 1;
    expect(await resolve('good-1.test')).toEqual(['127.0.0.1']);
    expect(asked).toHaveLength(4);
  });

  it('is vetted anew at each use', async () => {
    const { servers } = await nameServer();
    const resolve = nameResolver({ servers, hosts, system });
    expect(await guardedLookup(['127.0.0.0/8'], resolve)('good-1.test')).toEqual({
      kind: 'dial',
      address: '127.0.0.1',
    });
    expect(await guardedLookup([], resolve)('good-1.test')).toMatchObject({
      observation: { cause: 'address_refused' },
    });
  });

  it('that failed is not kept', async () => {
    const { servers, asked } = await nameServer();
    const resolve = nameResolver({ servers, hosts, system });
    await expect(resolve('missing-1.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(resolve('missing-1.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(asked).toHaveLength(4);
  });

  it('does not pile up over many names', async () => {
    let asked = 0;
    const counting: Resolve = async () => [`127.0.0.${(asked += 1) % 200}`];
    const resolve = nameResolver({ hosts, system: counting });
    for (let index = 0; index <= 20_000; index += 1) await resolve(`n${index}`);
    await resolve('n0');
    expect(asked).toBe(20_002);
  });
});

describe('a name', () => {
  it('in the hosts file has those addresses, and nobody is asked', async () => {
    const { servers, asked } = await nameServer();
    const table = (name: string) => (name === 'good-1.test' ? ['10.1.2.3'] : undefined);
    const resolve = nameResolver({ servers, hosts: table, system });
    expect(await resolve('Good-1.test.')).toEqual(['10.1.2.3']);
    expect(asked).toEqual([]);
  });

  it('without a dot is asked of the system', async () => {
    const { servers, asked } = await nameServer();
    const resolve = nameResolver({ servers, hosts, system: async (name) => [`127.0.0.${name.length}`] });
    expect(await resolve('db')).toEqual(['127.0.0.2']);
    expect(asked).toEqual([]);
  });

  it('localhost works by the system too', async () => {
    expect(await nameResolver({ hosts })('localhost')).toContain('127.0.0.1');
  });
});
