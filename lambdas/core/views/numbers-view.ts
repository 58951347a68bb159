// What the API shows of roll-ups: `GET /stats` and its like.
import {
  alertsOf,
  failuresOf,
  heldOf,
  latencyOf,
  neverHelped,
  restartsOf,
  type StepNumbers,
  stepsOf,
  uptimeOf,
} from '../numbers/numbers.ts';
import { countOf, type Roll } from '../numbers/roll.ts';
import { HOUR_MS } from '../numbers/roll-hour.ts';
import type { Stretch } from '../numbers/service-facts.ts';
import { isoTime } from '../values/iso-time.ts';

/** So many services whose restarts never help are named; those with most restarts. */
const NAMED = 50;

const rounded = (value: number | null, digits: number) => (value === null ? null : Number(value.toFixed(digits)));
const percent = (share: number | null) => rounded(share === null ? null : 100 * share, 3);
const seconds = (ms: number | null) => rounded(ms === null ? null : ms / 1000, 1);

/** `window`: what the roll-ups cover, in whole hours. */
export function numbersView(roll: Roll, window: Stretch) {
  const failures = failuresOf(roll);
  const latency = latencyOf(roll);
  const { success, ...restarts } = restartsOf(roll);
  return {
    window: {
      from: isoTime(window.from),
      until: isoTime(window.before),
      hours: (window.before - window.from) / HOUR_MS,
    },
    uptimePercent: percent(uptimeOf(roll)),
    verdicts: {
      up: countOf(roll, 'verdict.up'),
      slow: countOf(roll, 'verdict.slow'),
      down: countOf(roll, 'verdict.down'),
      unknown: countOf(roll, 'verdict.unknown'),
    },
    latencyMs: Object.fromEntries(Object.entries(latency).map(([name, ms]) => [name, rounded(ms, 1)])),
    incidents: {
      failures: failures.failures,
      recovered: failures.recovered,
      downtimeSeconds: seconds(failures.downMs),
      mtbfSeconds: seconds(failures.mtbfMs),
      mttrSeconds: seconds(failures.mttrMs),
      mttrWithRestartSeconds: seconds(failures.mttrWithRestartMs),
      mttrWithoutRestartSeconds: seconds(failures.mttrWithoutRestartMs),
      timeToDetectSeconds: seconds(failures.timeToDetectMs),
    },
    restarts: {
      ...restarts,
      successPercent: percent(success),
      timeToHealSeconds: seconds(failures.timeToHealMs),
      bySteps: stepsOf(roll).map(stepView),
      neverHelped: neverHelped(roll).slice(0, NAMED).map(helpView),
    },
    alerts: { byLevel: alertsOf(roll), heldBack: heldOf(roll) },
    health: roll.healths,
  };
}

function stepView({ step, success, ...counts }: StepNumbers) {
  const [place, kind] = step.split(' ');
  return { step: Number(place), kind, ...counts, successPercent: percent(success) };
}

function helpView({ service, restarts }: Readonly<{ service: string; restarts: number }>) {
  const [tenant, id] = service.split('#');
  return { tenant, service: id, restarts };
}
