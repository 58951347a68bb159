// How often early warning is wrong, and how soon it is right: generated services whose latency follows the time of day,
// scatters, spikes, and shifts for hours at a time; four days to learn, ten days that are judged. A tenth of them then
// really drifts. Judged as the rollup function judges: once an hour, the quarters of three hours by the hours of the
// days before, their medians from sketches. node bench/early-warning.ts [services] [days]
import type { Trend } from '../lambdas/core/model/events.ts';
import { quantileOf, sketchOf } from '../lambdas/core/numbers/latency-sketch.ts';
import type { Stretch } from '../lambdas/core/numbers/service-facts.ts';
import { trendNews } from '../lambdas/core/trend/trend-news.ts';
import type { Window } from '../lambdas/core/trend/window.ts';
import { QUARTER_MS, stretchesFor } from '../lambdas/core/trend/windows-of.ts';
import { Random } from '../test/simulation/engine/random.ts';

const SERVICES = Number(process.argv[2] ?? 1_000);
const DAYS = Number(process.argv[3] ?? 14);
const AN_HOUR = 4;
const A_DAY = 96;
const LEARNING = 4 * A_DAY;
const LOOKS = 15;
const START = Date.UTC(2026, 0, 5);

/** A normally distributed number, after Box and Muller. */
const deviate = (random: Random) => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** The kinds of drift that begin in the middle of the judged time. */
const drifts = [
  'none',
  'twice as slow',
  'half as slow again',
  'slower by 2 % an hour',
  '15 % errors',
  '5 % errors',
] as const;
type Drift = (typeof drifts)[number];

/**
 * What was seen in a quarter of an hour: the latencies of the good answers, in whole ms, and how many probes were down
 * or unknown.
 */
type Quarter = Readonly<{ at: number; latencies: readonly number[]; down: number; unknown: number }>;

/** How many times slower than usual a service is, this many hours after its drift began. */
function factorOf(drift: Drift, hours: number): number {
  if (drift === 'slower by 2 % an hour') return 1.02 ** Math.min(hours, 72);
  if (drift === 'twice as slow') return 2;
  return drift === 'half as slow again' ? 1.6 : 1;
}

/** The life of one service: its own level, rhythm, scatter, rate of errors and spikes. */
function live(random: Random, drift: Drift, begins: number): Quarter[] {
  const base = Math.exp(random.between(Math.log(15), Math.log(800)));
  const [swing, scatter, mood] = [random.between(0, 0.5), random.between(0.02, 0.3), random.between(0, 0.08)];
  const phase = random.next() * 2 * Math.PI;
  const usualErrors = random.chance(0.5) ? 0 : random.next() ** 3 * 0.05;
  const driftErrors = drift === '15 % errors' ? 0.15 : drift === '5 % errors' ? 0.05 : usualErrors;
  let drawn = 0;
  return Array.from({ length: DAYS * A_DAY }, (_, nth): Quarter => {
    // A shift of the latency that lasts for an hour or two.
    drawn = 0.85 * drawn + mood * deviate(random);
    const isDrifting = nth >= begins;
    const slower = isDrifting ? factorOf(drift, (nth - begins) / AN_HOUR) : 1;
    const weekend = Math.floor(nth / A_DAY) % 7 >= 5 ? 0.85 : 1;
    const rhythm = swing * Math.sin((2 * Math.PI * nth) / A_DAY + phase);
    const level = base * weekend * slower * Math.exp(drawn + rhythm) * (random.chance(0.003) ? 4 : 1);
    const errors = random.chance(0.001) ? 0.4 : isDrifting ? driftErrors : usualErrors;
    const looks = Array.from({ length: LOOKS }, () => ({
      ms: Math.round(level * Math.exp(scatter * deviate(random))),
      isDown: random.chance(errors),
    }));
    const latencies = looks.filter(({ isDown }) => !isDown).map(({ ms }) => ms);
    const unknown = random.chance(0.01) ? 5 : 0;
    return { at: START + nth * QUARTER_MS, latencies, down: LOOKS - latencies.length, unknown };
  });
}

/** Adds up quarters, as the roll-up does. */
function windowOf(quarters: readonly Quarter[]): Window {
  const sum = (of: (quarter: Quarter) => number) => quarters.reduce((all, quarter) => all + of(quarter), 0);
  return {
    at: quarters[0]?.at ?? 0,
    up: sum(({ latencies }) => latencies.length),
    slow: 0,
    down: sum(({ down }) => down),
    unknown: sum(({ unknown }) => unknown),
    p50Ms: quantileOf(sketchOf(quarters.flatMap(({ latencies }) => latencies)), 0.5),
  };
}

type Warned = Readonly<{ at: number; kind: Trend['kind'] }>;
/** `at`: the end of the hour at which the service was judged. */
function warningsOf(life: readonly Quarter[]): readonly Warned[] {
  const quarters = life.map((quarter) => windowOf([quarter]));
  const hours = Array.from({ length: life.length / AN_HOUR }, (_, nth) =>
    windowOf(life.slice(nth * AN_HOUR, (nth + 1) * AN_HOUR)),
  );
  const within = (windows: readonly Window[], { from, before }: Stretch, lengthMs: number) =>
    windows.slice(Math.max(0, (from - START) / lengthMs), Math.max(0, (before - START) / lengthMs));
  const warned: Warned[] = [];
  let known: Trend | undefined;
  for (let nth = LEARNING / AN_HOUR; nth < hours.length; nth += 1) {
    const at = START + (nth + 1) * AN_HOUR * QUARTER_MS;
    const { recent, past } = stretchesFor(at);
    const news = trendNews({
      past: past.flatMap((stretch) => within(hours, stretch, AN_HOUR * QUARTER_MS)),
      recent: within(quarters, recent, QUARTER_MS),
      known,
    });
    if (!news) continue;
    known = news.trend;
    if (known) warned.push({ at, kind: known.kind });
  }
  return warned;
}

const random = new Random(5);
const middle = LEARNING + Math.floor((DAYS * A_DAY - LEARNING) / 2);
const weeks = (DAYS * A_DAY - LEARNING) / A_DAY / 7;
const begun = performance.now();
const wrong = { latency: 0, errors: 0 };
let steady = 0;
let disturbed = 0;
const delays = new Map<Drift, number[]>();
const counts = new Map<Drift, number>();
for (let service = 0; service < SERVICES; service += 1) {
  const drift = service % 10 === 0 ? (drifts[1 + ((service / 10) % (drifts.length - 1))] ?? 'none') : 'none';
  // It begins at any quarter of the hour; it is judged at the hour's end.
  const begins = middle + (Math.floor(service / 10 / (drifts.length - 1)) % AN_HOUR);
  const beginsAt = START + begins * QUARTER_MS;
  const warned = warningsOf(live(random.stream(`service ${service}`), drift, begins));
  counts.set(drift, (counts.get(drift) ?? 0) + 1);
  if (drift === 'none') {
    steady += 1;
    for (const { kind } of warned) wrong[kind] += 1;
    if (warned.length > 0) disturbed += 1;
    continue;
  }
  const first = warned.find(
    ({ at, kind }) => at > beginsAt && kind === (drift.endsWith('errors') ? 'errors' : 'latency'),
  );
  if (first) delays.set(drift, [...(delays.get(drift) ?? []), (first.at - beginsAt) / 3_600_000]);
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
  `${(((performance.now() - begun) / ((SERVICES * (DAYS * A_DAY - LEARNING)) / AN_HOUR)) * 1000).toFixed(1)} µs a judgment, the service made up included`,
);
