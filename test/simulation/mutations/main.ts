// npm run simulate:mutations: plants every deliberate bug in a copy of the code, and exits with 0 only if the
// simulation finds each of them.
import { availableParallelism } from 'node:os';

import { Command, InvalidArgumentError } from 'commander';

import { mutations } from './all.ts';
import { type Catch, hunt } from './hunt.ts';

const print = (text: string) => void process.stdout.write(`${text}\n`);

const above = (least: number) => (text: string) => {
  const value = Number(text);
  if (!(value >= least)) throw new InvalidArgumentError(`must be a number from ${least} on`);
  return value;
};

const options = new Command('simulate:mutations')
  .description('plants bugs in a copy of the code, one at a time, and counts the seeds until the simulation finds each')
  .option('--seeds <count>', 'within how many seeds a bug must be found', above(1), 200)
  .option('--days <days>', 'days of faults in each seed', above(0.01), 0.5)
  .option('--bug <text>', 'only bugs with this in their name', '')
  .option('--workers <count>', 'bugs looked for at once', above(1), availableParallelism())
  .parse()
  .opts<{ seeds: number; days: number; bug: string; workers: number }>();

function line({ bug, seconds, ...found }: Catch): string {
  const seed = found.kind === 'caught' ? `seed ${found.seed}` : found.kind.toUpperCase();
  const by = found.kind === 'caught' ? found.invariant : found.kind === 'useless' ? found.why : '';
  return `${bug.padEnd(60)} ${seed.padEnd(9)} ${seconds.toFixed(1).padStart(6)} s  ${by}`;
}

const begun = performance.now();
const left = mutations.filter(({ bug }) => bug.includes(options.bug));
const total = left.length;
const missed: string[] = [];
const huntOn = async (): Promise<void> => {
  for (let next = left.shift(); next; next = left.shift()) {
    const result = await hunt(next, options);
    if (result.kind !== 'caught') missed.push(result.bug);
    print(line(result));
  }
};
await Promise.all(Array.from({ length: options.workers }, huntOn));

const seconds = ((performance.now() - begun) / 1000).toFixed(0);
print(
  `\n${total - missed.length} of ${total} bugs caught within ${options.seeds} seeds of ${options.days} days; ${seconds} s`,
);
if (total === 0) print(`no bug is called "${options.bug}"`);
for (const bug of missed) print(`NOT CAUGHT: ${bug}`);
process.exitCode = missed.length > 0 || total === 0 ? 1 : 0;
