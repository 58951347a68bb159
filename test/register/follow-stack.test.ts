import { describe, expect, it } from 'vitest';

import type { CheckMessage } from '../../lambdas/contract/messages.ts';
import type { RemovePorts } from '../../lambdas/flow/register-service.ts';
import { followStack } from '../../lambdas/register/follow-stack.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakeStores } from '../fakes/fake-stores.ts';

const SHARDS = 4;
const author = { by: 'arn:stack', correlationId: 'request', signal: new AbortController().signal };
const document = { id: 'shop', probe: { kind: 'http', url: 'https://shop.example.com/health' } };

function world() {
  const stores = fakeStores(SHARDS);
  const checks: CheckMessage[] = [];
  const ports: RemovePorts = {
    ...stores,
    probeQueue: { sendPacks: async () => undefined, sendCheck: async (message) => void checks.push(message) },
    clock: { now: () => 1_000 },
    log: fakeLog(),
    shards: SHARDS,
    retentionMs: 1_000,
    limits: { minIntervalSeconds: 10, allowedRanges: [], documents: [], networks: ['public' as const] },
  };
  const read = (id: string) => stores.services.read({ tenant: 'default', id }, author.signal);
  return { ports, checks, read, stores };
}

describe('a stack that watches a service', () => {
  it('registers it, has its shard packed and has it looked at once', async () => {
    const { ports, checks, read, stores } = world();
    expect(await followStack({ kind: 'put', document }, ports, author)).toEqual({ tenant: 'default', id: 'shop' });
    expect((await read('shop'))?.document).toMatchObject(document);
    expect(await stores.fleet.counts(author.signal)).toMatchObject([{ services: 1, fastestSeconds: 60 }]);
    expect(checks).toMatchObject([{ kind: 'check', id: 'shop', correlationId: 'request' }]);
  });

  it('names every fault of a document that is refused, and registers nothing', async () => {
    const { ports, checks, read } = world();
    const bad = {
      ...document,
      probe: { kind: 'http', url: 'http://169.254.169.254/' },
      policy: { failureTreshold: 2 },
    };
    await expect(followStack({ kind: 'put', document: bad }, ports, author)).rejects.toThrow(
      'policy.failureTreshold is not a known field',
    );
    await expect(followStack({ kind: 'put', document: null }, ports, author)).rejects.toThrow('id is missing');
    expect(await read('shop')).toBeUndefined();
    expect(checks).toEqual([]);
  });

  it('removes it, and what is gone already is removed as wanted', async () => {
    const { ports, read } = world();
    const key = await followStack({ kind: 'put', document }, ports, author);
    for (let times = 0; times < 2; times += 1)
      expect(await followStack({ kind: 'remove', key }, ports, author)).toEqual(key);
    expect(await read('shop')).toBeUndefined();
  });

  it('leaves in the audit which stack it was, also where it is refused', async () => {
    const { ports, stores } = world();
    const key = await followStack({ kind: 'put', document }, ports, author);
    const again = { ...author, correlationId: 'request-2' };
    await followStack({ kind: 'put', document: { ...document, probe: {} } }, ports, again).catch(() => undefined);
    await followStack({ kind: 'remove', key }, ports, { ...author, correlationId: 'request-3' });
    const entries = await stores.audit.entries(key, { limit: 10 }, author.signal);
    expect(entries.toReversed()).toMatchObject([
      { action: 'service.put', outcome: 'accepted', correlationId: 'request', changed: ['(document)'] },
      { action: 'service.put', outcome: 'INVALID_REQUEST', correlationId: 'request-2' },
      { action: 'service.removed', outcome: 'accepted', correlationId: 'request-3' },
    ]);
    expect(new Set(entries.map(({ caller }) => caller))).toEqual(new Set(['arn:stack']));
  });
});
