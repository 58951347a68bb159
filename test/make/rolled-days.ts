// A fleet with a past: a day that is recorded minute by minute and rolled up by the production code, and earlier days
// that are copies of it, written by the production store, because recording them all would take too long. For the test
// of the numbers and for their benchmark.
import { freshState } from '../../lambdas/core/model/state.ts';
import type { TimelineRecord } from '../../lambdas/core/model/timeline.ts';
import { type PackedResult, packResults } from '../../lambdas/core/rounds/packed-row.ts';
import { shardOf } from '../../lambdas/core/values/hash.ts';
import type { RollupSubject } from '../../lambdas/ports/rollup-store.ts';
import type { ResultStore, Timeline } from '../../lambdas/ports/timeline.ts';
import { rollUp } from '../../lambdas/rollup/roll-up.ts';
import type { RollUpPorts } from '../../lambdas/rollup/roll-up-hours.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { Random } from '../simulation/engine/random.ts';
import { makeRegistration } from './service.ts';

const { signal } = new AbortController();
const log = fakeLog();
const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const AT_ONCE = 50;

export type Past = Readonly<{
  stores: Pick<RollUpPorts, 'services' | 'fleet' | 'rollups'> & Readonly<{ results: ResultStore; timeline: Timeline }>;
  shards: number;
  /** `service-0` and so on, in projects of fifty. */
  services: number;
  /** Midnight at which the recorded day begins, epoch ms. */
  start: number;
}>;

export const serviceId = (n: number): string => `service-${n}`;
export const projectOf = (n: number): string => `project-${Math.floor(n / 50)}`;

async function inTurn<T>(all: readonly T[], run: (one: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < all.length; from += AT_ONCE) await Promise.all(all.slice(from, from + AT_ONCE).map(run));
}
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

export async function registerFleet({ stores, shards, services, start }: Past): Promise<void> {
  await inTurn(numbers(services), async (n) => {
    const document = makeRegistration({ id: serviceId(n), project: projectOf(n) });
    const state = { ...freshState(start), health: 'healthy' as const };
    await stores.services.register(document, state, start, signal);
    await stores.fleet.expectService(shardOf('default', document.id, shards), 60, signal);
  });
}

/** Every service is fast or slow in its own way, and one in a hundred is down for ten minutes an hour. */
export async function recordMinutes({ stores, shards, services, start }: Past, minutes: number): Promise<void> {
  const random = new Random(1);
  const usual = numbers(services).map(() => random.between(5, 400));
  const members = Map.groupBy(numbers(services), (n) => shardOf('default', serviceId(n), shards));
  const resultOf = (n: number, minute: number): PackedResult => {
    const key = { tenant: 'default', id: serviceId(n) };
    if (isDown(n, minute)) return { ...key, verdict: 'down', cause: 'timeout' };
    const latencyMs = (usual[n] ?? 0) * (0.8 + random.wait(0.2));
    return { ...key, verdict: 'up', cause: 'none', latencyMs };
  };
  for (let minute = 0; minute < minutes; minute += 1)
    await inTurn([...members], async ([shard, held]) => {
      const beat = start + minute * MINUTE;
      const row = { shard, network: 'public' as const, beat, startedAt: beat, finishedAt: beat + 900 };
      const results = packResults(held.map((n) => resultOf(n, minute)));
      await stores.results.saveRow(
        { ...row, due: held.length, checked: held.length, results },
        beat + 30 * DAY,
        signal,
      );
    });
}

const isDown = (n: number, minute: number) => n % 100 === 7 && minute % 60 >= 10 && minute % 60 < 20;

/** Records the outages of the services that were down. */
export async function recordOutages({ stores, services, start }: Past, hours: number): Promise<void> {
  const record = (n: number, minute: number, kind: TimelineRecord['kind'], details: TimelineRecord['details']) => ({
    ...{
      at: start + minute * MINUTE,
      intentId: `i${minute}-${kind}`,
      tenant: 'default',
      id: serviceId(n),
      kind,
      details,
    },
    ...{ level: 'error' as const, message: kind, action: 'none' as const },
  });
  const failing = numbers(services).filter((n) => isDown(n, 10));
  for (let hour = 0; hour < hours; hour += 1)
    await inTurn(failing, async (n) => {
      const at = hour * 60 + 12;
      const restarted = { step: 1, kind: 'ecs', durationMs: 400_000 };
      const records = [
        record(n, at, 'unhealthy', { failingSince: start + (at - 2) * MINUTE }),
        record(n, at + 8, 'restart_completed', restarted),
        record(n, at + 8, 'recovered', { restarts: 1 }),
      ];
      for (const one of records) await stores.timeline.append(one, one.at + 30 * DAY, signal);
    });
}

/** Runs the rollup function at this time. */
export async function rollUpAt({ stores }: Past, now: number): Promise<void> {
  const kept = { resultsKeptMs: 30 * DAY, rollupsKeptMs: 400 * DAY };
  let before = -1;
  // What one run has no time for, the next one does.
  for (;;) {
    await rollUp({ ...stores, ...kept, log, clock: { now: () => now } }, signal);
    const { hours = 0 } = (await stores.rollups.progress(signal)) ?? {};
    if (hours === before) return;
    before = hours;
  }
}

/**
 * Writes the recorded day again for the days before it, through the production store, with what that has of the day.
 */
export async function repeatBackwards(past: Past, days: number): Promise<void> {
  const { stores, shards, services, start } = past;
  const day = { from: start, before: start + DAY };
  const subjects: RollupSubject[] = [
    { kind: 'fleet' },
    ...[...new Set(numbers(services).map(projectOf))].map((project) => ({
      ...{ kind: 'project' as const, tenant: 'default', project },
    })),
    ...numbers(services).map((n) => ({ kind: 'service' as const, tenant: 'default', id: serviceId(n) })),
  ];
  const shifts = numbers(days).map((n) => (n + 1) * DAY);
  await inTurn(numbers(shards), async (shard) => {
    for (const { hour, entries } of await stores.rollups.hours(shard, day, signal))
      for (const shift of shifts) await stores.rollups.saveHour(shard, hour - shift, entries, hour + 40 * DAY, signal);
  });
  await inTurn(subjects, async (subject) => {
    for (const unit of ['DAY', 'HOUR'] as const) {
      const rolls = await stores.rollups.rolls(subject, unit, day, signal);
      for (const [index, roll] of rolls.entries())
        for (const shift of shifts)
          await stores.rollups.save(subject, unit, start + index * HOUR - shift, roll, start + 400 * DAY, signal);
    }
  });
}
