// npm run simulate: plays many seeds on all cores and reports, or one seed with the story of its services.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import { Command, InvalidArgumentError } from 'commander';

import { Report } from './report.ts';
import type { Outcome } from './run.ts';

type Options = Readonly<{
  seeds: number;
  first: number;
  seed?: number;
  service?: string;
  days: number;
  workers: number;
}>;

const print = (text: string) => void process.stdout.write(`${text}\n`);

const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number from 1 on');
  return value;
};
const days = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value <= 366)) throw new InvalidArgumentError('must be a number of days above 0, at most 366');
  return value;
};

/** Every worker takes the next seed as soon as it has finished one. */
async function playAll({ seeds, first, days, workers }: Options): Promise<Report> {
  const report = new Report();
  let next = first;
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { days } });
      const goOn = (): void => {
        if (next < first + seeds) return worker.postMessage(next++);
        void worker.terminate().then(() => resolve());
      };
      worker.on('message', (outcome: Outcome) => {
        report.add(outcome);
        if (outcome.violation) print(`seed ${outcome.seed}: ${outcome.violation.invariant}`);
        goOn();
      });
      worker.on('error', reject);
      goOn();
    });
  await Promise.all(Array.from({ length: Math.min(workers, seeds) }, one));
  return report;
}

async function playOne(seed: number, { days, service }: Options): Promise<Report> {
  // The main thread needs no world of its own if workers play.
  const { run } = await import('./run.ts');
  const report = new Report();
  const outcome = await run(seed, days, { following: service ?? 'the most eventful' });
  report.add(outcome);
  print(outcome.story.join('\n'));
  print(`digest ${outcome.digest}`);
  return report;
}

const options = new Command('simulate')
  .description('plays days of faults against the code that runs in production, and checks what must always hold')
  .option('--seeds <count>', 'how many seeds to play', count, 40)
  .option('--first <seed>', 'the first of them', count, 1)
  .option('--seed <seed>', 'plays this seed alone, and tells the story of a service', count)
  .option('--service <tenant/id>', 'whose story is told; without it, that of the one with the most changes')
  .option('--days <days>', 'days of faults in each seed, before all becomes quiet', days, 1)
  .option('--workers <count>', 'threads', count, availableParallelism())
  .parse()
  .opts<Options>();

const begun = performance.now();
const report = await (options.seed === undefined ? playAll(options) : playOne(options.seed, options));
const { user, system } = process.cpuUsage();
print(report.text({ wallMs: performance.now() - begun, cpuMs: (user + system) / 1_000 }));
process.exitCode = report.violations > 0 ? 1 : 0;
