// npm run simulate:day: a bad day of 1,000 services, and how many messages people get of it.
import { type Handling, playDay } from './day.ts';

const print = (text: string) => void process.stdout.write(`${text}\n`);
const plan = { seed: 1, services: 1_000, flapping: 20, dependents: 60, singles: 40, hours: 24 };
const ways: readonly [string, Handling][] = [
  ['one message for each alert', { groups: false, folding: false }],
  ['folded: dependencies, storms', { groups: false, folding: true }],
  ['folded and grouped', { groups: true, folding: true }],
];
const row = (...cells: (string | number)[]) => print(cells.map((cell) => String(cell).padStart(10)).join(''));

let isGood = true;
for (const [name, handling] of ways) {
  const begun = performance.now();
  const day = await playDay({ ...plan, handling });
  const { email, sms, chat } = day.received;
  print(`\n${name}`);
  row('e-mail', 'SMS', 'chat', 'critical', 'lost', 'storm ms', 'failing looks');
  row(email, sms, chat, day.critical, day.lost.length, day.stormToldAfterMs ?? '-', day.failingLooks);
  print(`${Math.round((performance.now() - begun) / 1000)} s`);
  if (day.violation) print(`VIOLATION of "${day.violation.invariant}": ${day.violation.complaint}`);
  isGood &&= day.violation === undefined && day.lost.length === 0;
}
process.exitCode = isGood ? 0 : 1;
