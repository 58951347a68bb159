// npm run simulate:day: a bad day of 1,000 services, and how many messages people get of it (docs/noise.md).
import { type Day, playDay } from './day.ts';
import type { Handling } from './plan.ts';

const print = (text: string) => void process.stdout.write(`${text}\n`);
const [services = 1_000] = process.argv.slice(2).map(Number);
const share = services / 1_000;
const plan = { seed: 1, services, flapping: 20 * share, dependents: 60 * share, singles: 40 * share, hours: 24 };
const ways: readonly [string, Handling][] = [
  ['once per incident and kind', { folding: false, flapping: false, groups: false }],
  ['and folded: dependencies, storms', { folding: true, flapping: false, groups: false }],
  ['and flapping told once', { folding: true, flapping: true, groups: false }],
  ['and grouped', { folding: true, flapping: true, groups: true }],
];
const widths = [34, 8, 6, 6, 10, 6, 12];
const row = (...cells: readonly (string | number)[]) =>
  print(`| ${cells.map((cell, nth) => String(cell).padEnd(widths[nth] ?? 0)).join(' | ')} |`);

row('what is handled', 'e-mail', 'SMS', 'chat', 'critical', 'lost', 'storm told');
row(...widths.map((width) => '-'.repeat(width)));
const told = ({ stormToldAfterMs: ms }: Day) => (ms === undefined ? 'never' : `${(ms / 1000).toFixed(1)} s`);
let isGood = true;
const kinds: string[] = [];
for (const [nth, [name, handling]] of ways.entries()) {
  const begun = performance.now();
  const day = await playDay({ ...plan, handling });
  const { email, sms, chat } = day.received;
  // A checker without incidents and levels tells everybody about each probe that fails.
  const looks = day.failingLooks;
  if (nth === 0) row('nothing: each failing look', looks, looks, looks, '', '', '');
  row(name, email, sms, chat, day.critical, day.lost.length, told(day));
  const sorted = [...day.kinds].toSorted(([, a], [, b]) => b - a);
  kinds.push(
    `${name} (${Math.round((performance.now() - begun) / 1000)} s): ${sorted.map((one) => one.join(' ')).join(', ')}`,
  );
  if (day.violation) print(`VIOLATION of "${day.violation.invariant}": ${day.violation.complaint}`);
  isGood &&= day.violation === undefined && day.lost.length === 0;
}
print(`\n${kinds.join('\n')}`);
process.exitCode = isGood ? 0 : 1;
