// All beats of a minute are told the same of a shard's counts. What each of them finds stands in the table before the
// next one looks, and a beat that finds nothing new writes its row and nothing else.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { PackMessage, ProbeMessage } from '../../lambdas/contract/messages.ts';
import { probePack } from '../../lambdas/probe/probe-pack.ts';
import { packRound } from '../../lambdas/schedule/pack-round.ts';
import { type Engine, startEngine, type Usage, writesOf } from '../engine/engine.ts';
import { openStores } from '../engine/open-stores.ts';
import { START } from '../fakes/fake-clock.ts';
import { fakeProbeQueue } from '../fakes/fake-ports.ts';
import { down, fakeProber, up } from '../fakes/fake-prober.ts';
import type { Stores } from '../fakes/fake-stores.ts';
import { probeSet, put } from '../fakes/probe-ports.ts';
import { registration } from '../fakes/registrations.ts';

const { signal } = new AbortController();
const SERVICES = 10;
let engine: Engine;
let stores: Stores;
let usage: Usage;
let forget: () => void;
beforeAll(async () => void (engine = await startEngine()));
afterAll(async () => await engine.stop());

/** Ten services that are looked at every ten seconds, in one shard whose counts are right. */
beforeEach(async () => {
  const fresh = await engine.freshTable();
  ({ usage, forget } = fresh);
  stores = openStores(fresh.table, 1);
  for (let n = 0; n < SERVICES; n += 1) {
    const probe = { kind: 'tcp', host: 'example.com', port: n + 1, intervalSeconds: 10, retries: 0 };
    await put(stores, registration({ id: `s${n}`, probe, policy: { failureThreshold: 1, successThreshold: 1 } }));
  }
  await stores.fleet.expectService(0, 10, signal);
  await playBeat((await packsOf(START - 60_000))[0]!, 0);
});

/** The packs of a minute, in the order of their beats. */
async function packsOf(minute: number): Promise<PackMessage[]> {
  const set = probeSet({}, stores);
  set.clock.set(minute);
  await packRound(minute, 'round', { ...set.ports, queue: fakeProbeQueue(set.queues) }, signal);
  const sent: ProbeMessage[] = set.queues.probe.messages.map(({ body }) => body);
  return sent.filter((message) => message.kind === 'pack').sort((a, b) => a.beat - b.beat);
}

/** The first so many of the services are down at this beat. */
async function playBeat(pack: PackMessage, failing: number): Promise<void> {
  const prober = fakeProber(({ probe }) => ('port' in probe && Number(probe.port) <= failing ? down : up));
  const { ports, clock } = probeSet({ prober }, stores);
  clock.set(pack.beat + 1_000);
  await probePack(pack, ports, signal);
}

const failingInTable = async () => {
  const [count] = await stores.fleet.counts(signal);
  return { unhealthy: count!.unhealthy, failing: count!.groups?.['fleet']?.failing };
};

describe('the counts of a shard with six beats in a minute', () => {
  it('are right after each beat, however often they change within it, and whoever believes what', async () => {
    const packs = await packsOf(START);
    expect(packs).toHaveLength(6);
    const seen: object[] = [];
    const failing = [2, 5, 5, 1, 0, 3];
    for (const [beat, pack] of packs.entries()) {
      await playBeat(pack, failing[beat]!);
      seen.push(await failingInTable());
    }
    expect(seen).toEqual(failing.map((many) => ({ unhealthy: many, failing: many })));
  });

  it('are not corrected by a beat that comes late by what it was told, but by what is so now', async () => {
    const [first, second, third] = await packsOf(START);
    await playBeat(second!, 5);
    await playBeat(third!, 0);
    await playBeat(first!, 5); // its looks are older than what was counted
    expect(await failingInTable()).toEqual({ unhealthy: 0, failing: 0 });
  });

  it('cost nothing while all are healthy: a row for each beat, and nobody even reads them', async () => {
    const packs = await packsOf(START);
    forget();
    for (const pack of packs) await playBeat(pack, 0);
    expect(writesOf(usage)).toEqual(packs.map(() => 'PutItemCommand'));
    expect(usage.commands.filter((command) => command.startsWith('Get'))).toEqual([]);
  });

  it('are written once for what lasts, not again at each beat', async () => {
    const packs = await packsOf(START);
    for (const pack of packs) await playBeat(pack, 2);
    expect(await stores.fleet.counts(signal)).toMatchObject([{ version: packs[0]!.shards[0]!.version + 1 }]);
  });
});
