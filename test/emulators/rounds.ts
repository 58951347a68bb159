// 200 services in the deployed stack, watched by a schedule that fires by itself.
import { describe, expect, it } from 'vitest';

import { DEFAULT_SHARDS } from '../../lambdas/contract/table.ts';
import { shardOf } from '../../lambdas/core/values/hash.ts';
import { errorsSince, queueLengths, roundsSince, timesSince } from './deployed-api.ts';
import { isLong, timed, until } from './where.ts';
import type { World } from './world.ts';

const { signal } = new AbortController();
const names = Array.from({ length: 200 }, (_, n) => `service-${n}`);
const down = names.filter((_, n) => n % 10 === 0);

export function describeRounds(world: World): void {
  const register = (id: string) => {
    const probe = { kind: 'http', url: world.urlOf(id), intervalSeconds: 60, timeoutSeconds: 2, retries: 0 };
    return world.ask('PUT', `/services/${id}`, { id, probe, policy: { failureThreshold: 2, successThreshold: 1 } });
  };

  describe('rounds under load', () => {
    it('200 services are registered through the deployed API, and a faulty one is not', async () => {
      for (const id of down) world.broken.add(id);
      await timed('200 services registered, 20 of them down', async () => {
        for (let from = 0; from < names.length; from += 8) {
          const answers = await Promise.all(names.slice(from, from + 8).map(register));
          expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
        }
      });
      const probe = { kind: 'tcp', host: '10.0.0.1', port: 1 };
      expect((await world.ask('PUT', '/services/inside', { id: 'inside', probe })).status).toBe(400);
    });

    it('the schedule fires by itself; no round is missed, fails or stays behind', { timeout: 600_000 }, async () => {
      const wanted = isLong ? 6 : 3;
      const since = Date.now();
      const lengths = async () => Object.values(await queueLengths(world.clients.sqs, world.queues()));
      const waiting = async () => (await lengths()).reduce((sum, length) => sum + length, 0);
      /** Messages in all queues, and when they were seen. */
      const queued: { at: number; length: number }[] = [];
      const rounds = await timed(`${wanted} rounds of 200 services`, () =>
        until(`${wanted} rounds`, wanted * 75_000 + 30_000, async () => {
          const seen = await roundsSince(since);
          queued.push({ length: await waiting(), at: Date.now() });
          return seen.length >= wanted && seen;
        }),
      );
      await until('the last round was worked off', 60_000, async () => (await waiting()) === 0);
      // MiniStack looks every ten seconds whether a schedule is due.
      const gaps = rounds.slice(1).map((at, n) => at - (rounds[n] ?? at));
      expect(Math.max(...gaps)).toBeLessThan(75_000);
      // Behind every round but the last, which has just begun, there was a moment with nothing left to do.
      const least = rounds.slice(1).map((next, n) => {
        const between = queued.filter(({ at }) => at > (rounds[n] ?? next) && at < next);
        return Math.min(...between.map(({ length }) => length));
      });
      expect(least).toEqual(least.map(() => 0));
      const most = Math.max(...queued.map(({ length }) => length));
      process.stdout.write(`          ${gaps.join(', ')} ms between rounds; at most ${most} messages queued\n`);
      for (const line of await timesSince(since)) process.stdout.write(`          ${line}\n`);
      expect(await lookedAt(since)).toEqual(rounds.map(() => ({ due: names.length, checked: names.length })));
      expect(await errorsSince(world.begun)).toEqual([]);
    });

    it('finds those that are down, and those alone', async () => {
      const { body } = await world.ask('GET', '/services?health=unhealthy&limit=100');
      expect((body['services'] as { id: string }[]).map(({ id }) => id).sort()).toEqual([...down].sort());
      const { body: fine } = await world.ask('GET', '/services/service-1');
      expect(fine).toMatchObject({ health: 'healthy', lastVerdict: 'up' });
    });
  });

  /** How many services were due and how many looked at, beat by beat, by the packed rows of all shards. */
  async function lookedAt(since: number): Promise<{ due: number; checked: number }[]> {
    const { results } = world.stores();
    const shards = [...new Set(names.map((id) => shardOf('default', id, DEFAULT_SHARDS)))];
    const rows = await Promise.all(
      shards.map((shard) => results.rows({ shard, network: 'public', limit: 100 }, signal)),
    );
    const beats = new Map<number, { due: number; checked: number }>();
    for (const { beat, due, checked } of rows.flat().filter((row) => row.startedAt >= since && row.due > 0)) {
      const sum = beats.get(beat) ?? { due: 0, checked: 0 };
      beats.set(beat, { due: sum.due + due, checked: sum.checked + checked });
    }
    return [...beats.values()];
  }
}
