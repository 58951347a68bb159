// The results of many runs, in words and numbers.
import type { Violation } from './invariants/observer.ts';
import type { Outcome } from './run.ts';
import { addTo, type Counts } from './stats.ts';

export class Report {
  readonly #faults: Counts = {};
  readonly #checks: Counts = {};
  readonly #happened: Counts = {};
  readonly #violated: (Outcome & { violation: Violation })[] = [];
  #seeds = 0;
  #serviceHours = 0;
  #events = 0;

  add(outcome: Outcome): void {
    this.#seeds += 1;
    this.#serviceHours += outcome.serviceHours;
    this.#events += outcome.events;
    for (const [name, count] of Object.entries(outcome.faults)) addTo(this.#faults, name, count);
    for (const [name, count] of Object.entries(outcome.checks)) addTo(this.#checks, name, count);
    for (const [name, count] of Object.entries(outcome.happened)) addTo(this.#happened, name, count);
    if (outcome.violation) this.#violated.push({ ...outcome, violation: outcome.violation });
  }

  get violations(): number {
    return this.#violated.length;
  }

  /** How long all of it took, in wall-clock and CPU time. */
  text({ wallMs, cpuMs }: Readonly<{ wallMs: number; cpuMs: number }>): string {
    const rate = (ms: number): string => `${whole((this.#serviceHours / ms) * 60_000)} service-hours a minute`;
    return [
      `${whole(this.#seeds)} seeds, ${whole(this.#serviceHours)} service-hours, ${whole(this.#events)} events`,
      ...table('faults injected', this.#faults),
      ...table('checks by invariant', this.#checks),
      ...table('what happened', this.#happened),
      ...this.#violated.flatMap(told),
      '',
      `${this.violations} violations; ${(wallMs / 1000).toFixed(1)} s, ${rate(wallMs)} (${rate(cpuMs)} of one core)`,
    ].join('\n');
  }
}

/** Reports a violation: what, where and when, what led to it, and how to see it again. */
function told({ seed, days, violation }: Outcome & { violation: Violation }): string[] {
  const { invariant, complaint, service, at, story } = violation;
  return [
    '',
    `VIOLATION of "${invariant}" at seed ${seed}, ${new Date(at).toISOString()}, ${service}`,
    `  ${complaint}`,
    ...story.map((line) => `  | ${line}`),
    `  again: npm run simulate -- --seed ${seed} --days ${days}`,
  ];
}

function table(title: string, counts: Counts): string[] {
  const lines = Object.entries(counts).sort(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }));
  return ['', title, ...lines.map(([name, count]) => `${whole(count).padStart(14)}  ${name}`)];
}

const whole = (count: number): string => Math.round(count).toLocaleString('en-GB');
