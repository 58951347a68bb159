import { describe, expect, it } from 'vitest';

import type { ProbeQueue } from '../../lambdas/ports/queues.ts';
import { packRound } from '../../lambdas/schedule/pack-round.ts';
import { fakeClock, START } from '../fakes/fake-clock.ts';
import { fakeMetrics } from '../fakes/fake-metrics.ts';
import { fakeStores } from '../fakes/fake-stores.ts';

const { signal } = new AbortController();
type Sent = Parameters<ProbeQueue['sendPacks']>[0];

/** Shards by number with the shortest interval and the number of services in each. */
async function setUp(shards: Record<number, { fastest: number; services: number }>) {
  const { fleet } = fakeStores(16);
  for (const [shard, { fastest, services }] of Object.entries(shards)) {
    await fleet.expectService(Number(shard), fastest, signal);
    const known = (await fleet.counts(signal)).find((count) => count.shard === Number(shard));
    if (known && services !== 1) await fleet.correctCount(known, { ...known, services }, signal);
  }
  const batches: Sent[] = [];
  const queue: ProbeQueue = {
    sendPacks: async (packs) => void batches.push(packs),
    sendCheck: () => Promise.reject(new Error('a round asks for no single look')),
  };
  return { fleet, queue, clock: fakeClock(), metrics: fakeMetrics(), batches };
}
const beatsOf = (sent: Sent) =>
  sent.map(({ message, delaySeconds }) => ({ at: (message.beat - START) / 1000, delaySeconds }));

describe('packing a round', () => {
  it('sends one pack for the minute, named by its tick, and counts the round', async () => {
    const ports = await setUp({ 3: { fastest: 60, services: 1 } });
    await packRound(START + 17_000, 'round-1', ports, signal);
    const shards = await ports.fleet.counts(signal);
    const message = { kind: 'pack', correlationId: 'round-1', beat: START, stepSeconds: 60, shards };
    expect(ports.batches).toEqual([[{ message, delaySeconds: 0 }]]);
    expect(ports.metrics.values).toEqual({ RoundsPacked: [1] });
  });

  it('has a pack look after the storms that there are', async () => {
    const stores = fakeStores(16);
    const ports = { ...(await setUp({ 3: { fastest: 60, services: 1 } })), fleet: stores.fleet };
    await stores.fleet.expectService(3, 60, signal);
    const storm = { id: 's1', group: 'fleet', services: 9, failing: 9, openedAt: START, lastSeenAt: START };
    await stores.storms.save({ version: 1, storms: [storm] }, signal);
    await packRound(START, 'round-1', ports, signal);
    expect(ports.batches[0]?.map(({ message }) => message.hasStorms)).toEqual([true]);
    await stores.storms.save({ version: 2, storms: [] }, signal);
    await packRound(START, 'round-2', ports, signal);
    expect(ports.batches[1]?.map(({ message }) => message.hasStorms)).toEqual([undefined]);
  });

  it('skips empty shards, and sends nothing at all for an empty fleet but counts its round', async () => {
    const mixed = await setUp({ 0: { fastest: 60, services: 0 }, 5: { fastest: 60, services: 2 } });
    await packRound(START, 'round-1', mixed, signal);
    expect(mixed.batches[0]?.map(({ message }) => message.shards.map(({ shard }) => shard))).toEqual([[5]]);

    const empty = await setUp({ 0: { fastest: 60, services: 0 } });
    await packRound(START, 'round-1', empty, signal);
    expect(empty.batches).toEqual([]);
    expect(empty.metrics.values).toEqual({ RoundsPacked: [1] });
  });

  it('gives shards with intervals below a minute their beats, each delayed to its time', async () => {
    const ports = await setUp({ 1: { fastest: 20, services: 1 }, 2: { fastest: 60, services: 1 } });
    await packRound(START, 'round-1', ports, signal);
    const of = (shard: number) => ports.batches[0]!.filter(({ message }) => message.shards[0]?.shard === shard);
    expect(beatsOf(of(1))).toEqual([0, 20, 40].map((at) => ({ at, delaySeconds: at })));
    expect(beatsOf(of(2))).toEqual([{ at: 0, delaySeconds: 0 }]);
    expect(of(1).every(({ message }) => message.stepSeconds === 20)).toBe(true);
  });

  it('when late, sends the newest beat that has passed at once, and the others in time', async () => {
    const ports = await setUp({ 1: { fastest: 10, services: 1 } });
    ports.clock.pass(25_400);
    await packRound(START, 'round-1', ports, signal);
    expect(beatsOf(ports.batches[0]!)).toEqual([
      { at: 0, delaySeconds: 0 }, // for those that are due at whole minutes only
      { at: 20, delaySeconds: 0 },
      { at: 30, delaySeconds: 5 },
      { at: 40, delaySeconds: 15 },
      { at: 50, delaySeconds: 25 },
    ]);
  });

  it.each([10, 60])(
    'when later than its minute, still looks at its first and last beat (every %i s)',
    async (fastest) => {
      const ports = await setUp({ 1: { fastest, services: 1 } });
      ports.clock.pass(95_000);
      await packRound(START, 'round-1', ports, signal);
      const owed = [...new Set([0, 60 - fastest])].map((at) => ({ at, delaySeconds: 0 }));
      expect(beatsOf(ports.batches[0]!)).toEqual(owed);
    },
  );

  it('splits a big fleet into packs of whole shards', async () => {
    const ports = await setUp({
      1: { fastest: 60, services: 200 },
      2: { fastest: 60, services: 100 },
      3: { fastest: 60, services: 50 },
    });
    await packRound(START, 'round-1', ports, signal);
    expect(ports.batches[0]?.map(({ message }) => message.shards.map(({ shard }) => shard))).toEqual([[1, 3], [2]]);
  });

  it('counts no round that could not be handed on, so that its absence shows', async () => {
    const ports = await setUp({ 1: { fastest: 60, services: 1 } });
    const queue: ProbeQueue = { ...ports.queue, sendPacks: () => Promise.reject(new Error('no queue')) };
    await expect(packRound(START, 'round-1', { ...ports, queue }, signal)).rejects.toThrow('no queue');
    expect(ports.metrics.values).toEqual({});
  });

  const told = (sent: Sent | undefined) => sent?.map(({ message }) => message.shards);

  it('sends to the prober inside the VPC what it has to look at, each shard as it was read', async () => {
    const ports = await setUp({ 1: { fastest: 60, services: 1 } });
    await ports.fleet.expectService(2, 60, signal, 'private');
    await ports.fleet.expectService(3, 60, signal);
    await ports.fleet.expectService(3, 60, signal, 'private');
    const [one, two, three] = await ports.fleet.counts(signal);
    const inside: Sent[] = [];
    const privateQueue: ProbeQueue = { ...ports.queue, sendPacks: async (packs) => void inside.push(packs) };
    await packRound(START, 'round-1', { ...ports, privateQueue }, signal);
    expect(told(ports.batches[0])).toEqual([[one, three]]);
    expect(inside.map(told)).toEqual([[[two, three]]]);
    expect(ports.metrics.values).toEqual({ RoundsPacked: [1] });
  });

  it('sends everything to the one prober that there is, also what was registered as private before', async () => {
    const ports = await setUp({});
    await ports.fleet.expectService(2, 60, signal, 'private');
    await packRound(START, 'round-1', ports, signal);
    expect(told(ports.batches[0])).toMatchObject([[{ shard: 2, services: 1, privateServices: 0 }]]);
  });

  it.each(['queue', 'privateQueue'])(
    'keeps from nobody what the %s refuses to others, and counts no round',
    async (name) => {
      const ports = await setUp({ 1: { fastest: 60, services: 1 } });
      await ports.fleet.expectService(1, 60, signal, 'private');
      const failing: ProbeQueue = { ...ports.queue, sendPacks: () => Promise.reject(new Error('no queue')) };
      const both = { ...ports, privateQueue: ports.queue, [name]: failing };
      await expect(packRound(START, 'round-1', both, signal)).rejects.toThrow('no queue');
      expect(ports.batches).toHaveLength(1);
      expect(ports.metrics.values).toEqual({});
    },
  );
});
