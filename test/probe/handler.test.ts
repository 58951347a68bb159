// The exported handler as the probe function inside a VPC: its own queue and network from the environment, the other's
// queue for what is not its own.
import { afterAll, describe, expect, it } from 'vitest';

import type { ProbeMessage } from '../../lambdas/contract/messages.ts';
import { freshState } from '../../lambdas/core/model/state.ts';
import { handler } from '../../lambdas/probe/handler.ts';
import { registration } from '../fakes/registrations.ts';
import { batchOf, contextFor } from '../runtime/invoke.ts';
import { openBench } from './bench.ts';

const { signal } = new AbortController();
const bench = await openBench({ LAMPLIGHTER_NETWORK: 'private' });
afterAll(() => bench.stop());

const now = Date.now();
const BEAT = Math.floor(now / 60_000) * 60_000;
for (const [id, network] of [
  ['inside', 'private'],
  ['outside', 'public'],
]) {
  const probe = { kind: 'heartbeat', network, intervalSeconds: 60 };
  await bench.stores.services.register(registration({ id, probe }), freshState(now), now, signal);
}
const check = (id: string, more: object = {}): ProbeMessage => ({
  ...{ kind: 'check', correlationId: 'c1', tenant: 'default', id, beat: BEAT, ...more },
});
const work = (...messages: ProbeMessage[]) =>
  handler(batchOf(...messages.map((message) => JSON.stringify(message))), contextFor());
const lastOf = async (id: string) =>
  (await bench.stores.services.read({ tenant: 'default', id }, signal))?.state.last?.verdict;

describe('the probe function inside a VPC', () => {
  it('looks at its own service and passes the other one on, which does not come back a second time', async () => {
    expect(await work(check('inside'), check('outside'))).toEqual({ batchItemFailures: [] });
    expect([await lastOf('inside'), await lastOf('outside')]).toEqual(['up', undefined]);
    const passedOn = await bench.other();
    expect(passedOn).toEqual([check('outside', { isForwarded: true })]);
    expect(await work(...passedOn)).toEqual({ batchItemFailures: [] });
    expect([...(await bench.other()), ...(await bench.own())]).toEqual([]);
  });

  it('writes the row of its pack beside those of the other, also for a message of an older version', async () => {
    const shards = [{ shard: 0, services: 2, unhealthy: 0, fastestSeconds: 60, version: 1 }] as never;
    await work({ kind: 'pack', correlationId: 'r1', beat: BEAT, stepSeconds: 60, shards });
    const rows = (network: 'public' | 'private') => bench.stores.results.rows({ shard: 0, network, limit: 9 }, signal);
    expect(await rows('private')).toMatchObject([{ beat: BEAT, due: 1, checked: 1 }]);
    expect(await rows('public')).toEqual([]);
  });
});
