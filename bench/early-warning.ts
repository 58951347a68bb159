// How often early warning is wrong, and how soon it is right: generated services whose latency breathes with the day,
// scatters, spikes, and changes its mood for hours; four days to learn, ten days that are judged. A tenth of them then
// really drifts. node bench/early-warning.ts [services] [days]
import type { Trend } from '../lambdas/core/model/events.ts';
import { findTrend } from '../lambdas/core/trend/find-trend.ts';
import type { Window } from '../lambdas/core/trend/window.ts';
import { Random } from '../test/simulation/engine/random.ts';

const SERVICES = Number(process.argv[2] ?? 1_000);
const DAYS = Number(process.argv[3] ?? 14);
const WINDOW_MS = 900_000;
const A_DAY = 96;
const LEARNING = 4 * A_DAY;
const LOOKS = 15;
const START = Date.UTC(2026, 0, 5);

/** A normal deviate, by Box and Muller. */
const deviate = (random: Random) => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** What kind of drift begins in the middle of the judged time. */
const drifts = [
  'none',
  'twice as slow',
  'half as slow again',
  'slower by 2 % an hour',
  '15 % errors',
  '5 % errors',
] as const;
type Drift = (typeof drifts)[number];

/** Windows of one service: its own level, rhythm, scatter, rate of errors and spikes. */
function live(random: Random, drift: Drift, at: number): Window[] {
  const base = Math.exp(random.between(Math.log(15), Math.log(800)));
  const [swing, scatter, mood] = [random.between(0, 0.5), random.between(0.02, 0.3), random.between(0, 0.08)];
  const phase = random.next() * 2 * Math.PI;
  const errors = random.chance(0.5) ? 0 : random.next() ** 3 * 0.05;
  let drawn = 0;
  return Array.from({ length: DAYS * A_DAY }, (_, nth): Window => {
    // A mood that lasts for an hour or two.
    drawn = 0.85 * drawn + mood * deviate(random);
    const hours = Math.max(0, nth - at) / 4;
    const isDrifting = nth >= at;
    const factor =
      drift === 'slower by 2 % an hour'
        ? 1.02 ** Math.min(hours, 72)
        : !isDrifting
          ? 1
          : drift === 'twice as slow'
            ? 2
            : drift === 'half as slow again'
              ? 1.6
              : 1;
    const weekend = Math.floor(nth / A_DAY) % 7 >= 5 ? 0.85 : 1;
    const level = base * weekend * factor * Math.exp(drawn + swing * Math.sin((2 * Math.PI * nth) / A_DAY + phase));
    const isSpike = random.chance(0.003);
    const share = isDrifting && drift === '15 % errors' ? 0.15 : isDrifting && drift === '5 % errors' ? 0.05 : errors;
    const spikeShare = random.chance(0.001) ? 0.4 : share;
    const latencies = Array.from(
      { length: LOOKS },
      () => level * Math.exp(scatter * deviate(random)) * (isSpike ? 4 : 1),
    );
    const down = latencies.filter(() => random.chance(spikeShare)).length;
    const unknown = random.chance(0.01) ? 5 : 0;
    latencies.sort((a, b) => a - b);
    return {
      at: START + nth * WINDOW_MS,
      ...{ up: LOOKS - down, slow: 0, down, unknown },
      ...{ p50Ms: latencies[7], p95Ms: latencies[14] },
    };
  });
}

type Warned = Readonly<{ nth: number; kind: Trend['kind'] }>;
function warningsOf(windows: readonly Window[]): readonly Warned[] {
  const warned: Warned[] = [];
  let known: Trend | undefined;
  for (let nth = LEARNING; nth < windows.length; nth += 1) {
    const found = findTrend({
      past: windows.slice(Math.max(0, nth - 14 * A_DAY), nth - 12),
      recent: windows.slice(nth - 11, nth + 1),
      known,
    });
    if (found && found.kind !== known?.kind) warned.push({ nth, kind: found.kind });
    known = found;
  }
  return warned;
}

const random = new Random(5);
const at = LEARNING + Math.floor((DAYS * A_DAY - LEARNING) / 2);
const weeks = (DAYS * A_DAY - LEARNING) / A_DAY / 7;
const begun = performance.now();
const wrong = { latency: 0, errors: 0 };
let steady = 0;
let disturbed = 0;
const delays = new Map<Drift, number[]>();
const counts = new Map<Drift, number>();
for (let service = 0; service < SERVICES; service += 1) {
  const drift = service % 10 === 0 ? (drifts[1 + ((service / 10) % (drifts.length - 1))] ?? 'none') : 'none';
  const warned = warningsOf(live(random.stream(`service ${service}`), drift, at));
  counts.set(drift, (counts.get(drift) ?? 0) + 1);
  if (drift === 'none') {
    steady += 1;
    for (const { kind } of warned) wrong[kind] += 1;
    if (warned.length > 0) disturbed += 1;
    continue;
  }
  const first = warned.find(({ nth, kind }) => nth >= at && kind === (drift.endsWith('errors') ? 'errors' : 'latency'));
  if (first) delays.set(drift, [...(delays.get(drift) ?? []), (first.nth + 1 - at) / 4]);
}
const perWeek = (count: number) => (count / steady / weeks).toFixed(4);
console.log(`${SERVICES} services, ${DAYS} days of windows of a quarter of an hour, ${LOOKS} looks in each`);
console.log(`false warnings per service and week: latency ${perWeek(wrong.latency)}, errors ${perWeek(wrong.errors)}`);
console.log(`steady services that warned at all in ${(weeks * 7).toFixed(0)} days: ${disturbed} of ${steady}`);
for (const drift of drifts.slice(1)) {
  const hours = (delays.get(drift) ?? []).toSorted((a, b) => a - b);
  const [median, most] = [hours[Math.floor(hours.length / 2)], hours.at(-1)];
  console.log(
    `${drift.padEnd(22)} found in ${hours.length} of ${counts.get(drift) ?? 0}, after ${median} h (median), ${most} h (last)`,
  );
}
console.log(
  `${(((performance.now() - begun) / (SERVICES * (DAYS * A_DAY - LEARNING))) * 1000).toFixed(1)} µs a judgment, the service made up included`,
);
