// The numbers that people ask for, from a roll-up. docs/numbers.md defines each, with an example that a test works out
// by hand. `null`: not known, because nothing was seen, or nothing happened that could have a mean.
import { alertLevels } from '../model/service.ts';
import { quantileOf, sizeOf } from './latency-sketch.ts';
import { type CountName, countOf, type RestartEnd, type Roll } from './roll.ts';

const of = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);
const mean = (roll: Roll, sum: CountName, count: CountName) => of(countOf(roll, sum), countOf(roll, count));

/** The share of probes that were answered; those with the verdict `unknown` are left out. */
export function uptimeOf(roll: Roll): number | null {
  const good = countOf(roll, 'verdict.up') + countOf(roll, 'verdict.slow');
  return of(good, good + countOf(roll, 'verdict.down'));
}

/** The latency of good answers, in ms. */
export function latencyOf(roll: Roll) {
  const at = (share: number) => quantileOf(roll.latencies, share) ?? null;
  return {
    mean: of(countOf(roll, 'latencyMs'), sizeOf(roll.latencies)),
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
  };
}

/** Failures, what they cost, and how long each part of an outage takes; times in ms. */
export function failuresOf(roll: Roll) {
  const both = (what: 'count' | 'ms') =>
    countOf(roll, `recovered.restarted.${what}`) + countOf(roll, `recovered.alone.${what}`);
  const recovered = { count: both('count'), ms: both('ms') };
  const workedMs = Math.max(0, countOf(roll, 'watchedMs') - countOf(roll, 'downMs'));
  return {
    failures: countOf(roll, 'failures'),
    recovered: recovered.count,
    downMs: countOf(roll, 'downMs'),
    mtbfMs: of(workedMs, countOf(roll, 'failures')),
    mttrMs: of(recovered.ms, recovered.count),
    mttrWithRestartMs: mean(roll, 'recovered.restarted.ms', 'recovered.restarted.count'),
    mttrWithoutRestartMs: mean(roll, 'recovered.alone.ms', 'recovered.alone.count'),
    timeToDetectMs: mean(roll, 'detect.ms', 'detect.count'),
    timeToHealMs: mean(roll, 'heal.ms', 'heal.count'),
  };
}

export type StepNumbers = Readonly<Record<RestartEnd, number> & { step: string; success: number | null }>;

/** Restarts by the step that was taken, as `1 ecs`; a success is one that was verified and did not relapse. */
export function stepsOf(roll: Roll): readonly StepNumbers[] {
  const steps = Object.keys(roll.counts).flatMap((name) => /^restart\.(.+)\.\w+$/.exec(name)?.[1] ?? []);
  return [...new Set(steps)].sort().map((step) => {
    const [completed, failed, relapsed] = [
      countOf(roll, `restart.${step}.completed`),
      countOf(roll, `restart.${step}.failed`),
      countOf(roll, `restart.${step}.relapsed`),
    ];
    return { step, completed, failed, relapsed, success: successOf({ completed, failed, relapsed }) };
  });
}

/** A relapse may be of a restart before the window. */
const successOf = ({ completed, failed, relapsed }: Record<RestartEnd, number>): number | null =>
  of(Math.max(0, completed - relapsed), completed + failed);

/** All steps together. */
export function restartsOf(roll: Roll) {
  const sum = (end: RestartEnd) => stepsOf(roll).reduce((all, step) => all + step[end], 0);
  const all = { completed: sum('completed'), failed: sum('failed'), relapsed: sum('relapsed') };
  return { ...all, success: successOf(all) };
}

/** Services whose restarts never had a lasting effect; those with most restarts first. */
export const neverHelped = (roll: Roll): readonly Readonly<{ service: string; restarts: number }>[] =>
  Object.entries(roll.restarted)
    .filter(([, { ended, lasting }]) => ended > 0 && lasting <= 0)
    .map(([service, { ended }]) => ({ service, restarts: ended }))
    .sort((one, other) => other.restarts - one.restarts || (one.service < other.service ? -1 : 1));

/** Alerts that people were owed, by level. */
export const alertsOf = (roll: Roll): Readonly<Record<string, number>> =>
  Object.fromEntries(alertLevels.map((level) => [level, countOf(roll, `alert.${level}`)]));

/** Alerts that were held back, by reason. */
export const heldOf = (roll: Roll): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(roll.counts)
      .filter(([name]) => name.startsWith('held.'))
      .map(([name, count]) => [name.slice('held.'.length), count]),
  );
