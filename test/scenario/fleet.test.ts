// A thousand healthy services on real HTTP servers and the embedded engine: what a steady beat costs.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createProber } from '../../lambdas/adapters/service-prober.ts';
import type { PackMessage, ProbeMessage } from '../../lambdas/contract/messages.ts';
import { resultOf } from '../../lambdas/core/rounds/packed-row.ts';
import { shardOf } from '../../lambdas/core/values/hash.ts';
import { probePack } from '../../lambdas/probe/probe-pack.ts';
import { packRound } from '../../lambdas/schedule/pack-round.ts';
import { type Engine, startEngine, writesOf } from '../engine/engine.ts';
import { openStores } from '../engine/open-stores.ts';
import { START } from '../fakes/fake-clock.ts';
import { fakeProbeQueue } from '../fakes/fake-ports.ts';
import { inFlightOf } from '../fakes/in-flight-of.ts';
import { probeSet, put } from '../fakes/probe-ports.ts';
import { registration } from '../fakes/registrations.ts';

const { signal } = new AbortController();
const SHARDS = 16;
const SERVICES = 1_000;
const ids = Array.from({ length: SERVICES }, (_, n) => `service-${n}`);

let engine: Engine;
const servers: Server[] = [];
const asked = new Map<string, number>();

beforeAll(async () => {
  engine = await startEngine();
  for (let n = 0; n < 4; n += 1) {
    const server = createServer(({ url = '' }, response) => {
      asked.set(url, (asked.get(url) ?? 0) + 1);
      response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
  }
});
afterAll(async () => {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  await engine.stop();
});
const urlOf = (n: number) =>
  `http://127.0.0.1:${(servers[n % servers.length]!.address() as AddressInfo).port}/${ids[n]}`;

describe('a fleet of a thousand healthy services', () => {
  it('is checked whole at every beat, and the only write is one row per shard', async () => {
    const { table, usage, forget } = await engine.freshTable();
    const stores = openStores(table, SHARDS);
    const set = probeSet({}, stores);
    const secrets = { read: () => Promise.reject(new Error('no secrets here')) };
    const prober = createProber({ allowedRanges: ['127.0.0.0/8'], secrets, clock: set.clock });
    const ports = { ...set.ports, prober, maxInFlight: 50 };
    await inFlightOf(ids, 20, async (id, n) => {
      const probe = { kind: 'http', url: urlOf(n), intervalSeconds: 60, timeoutSeconds: 10 };
      await put(stores, registration({ id, probe }));
      await stores.fleet.expectService(shardOf('default', id, SHARDS), 60, signal);
    });

    /** Each round finds the counts that the one before it has left. */
    const round = async (): Promise<readonly PackMessage[]> => {
      await packRound(set.clock.now(), 'round', { ...ports, queue: fakeProbeQueue(set.queues) }, signal);
      const packs: PackMessage[] = [];
      for (let message = set.queues.probe.receive(); message; message = set.queues.probe.receive()) {
        set.queues.probe.done(message);
        packs.push(asPack(message.body));
        await probePack(asPack(message.body), ports, signal);
      }
      return packs;
    };

    await round(); // puts the counts right, which registering alone leaves at one per shard
    for (let beat = 1; beat <= 2; beat += 1) {
      set.clock.set(START + beat * 60_000);
      asked.clear();
      forget();
      const packs = await round();
      expect(packs.flatMap(({ shards }) => shards).reduce((sum, { services }) => sum + services, 0)).toBe(SERVICES);
      expect(packs.length).toBeLessThanOrEqual(5);
      expect(asked.size).toBe(SERVICES);
      expect([...asked.values()].every((times) => times === 1)).toBe(true);
      expect(writesOf(usage)).toEqual(Array.from({ length: SHARDS }, () => 'PutItemCommand'));
      expect(usage.writeUnits).toBe(SHARDS);
      await expectRows(START + beat * 60_000);
    }

    async function expectRows(beat: number): Promise<void> {
      const read = async (shard: number) =>
        (await stores.results.rows({ shard, network: 'public', from: beat, limit: 1 }, signal))[0]!;
      const rows = await Promise.all(Array.from({ length: SHARDS }, (_, shard) => read(shard)));
      expect(rows.reduce((sum, { due }) => sum + due, 0)).toBe(SERVICES);
      expect(rows.every(({ due, checked }) => due === checked)).toBe(true);
      for (const id of ids)
        expect(resultOf(rows[shardOf('default', id, SHARDS)]!, 'default', id)).toMatchObject({ verdict: 'up' });
    }
  });
});

function asPack(message: ProbeMessage): PackMessage {
  if (message.kind !== 'pack') throw new Error('a steady fleet asks for no single look');
  return message;
}
