// The simulated cloud inside the suite: a few seeds hold every invariant, a seed replays to its last event, and
// violations are found when they happen.
import { Worker } from 'node:worker_threads';

import { beforeAll, describe, expect, it } from 'vitest';

import type { Intent } from '../../lambdas/core/model/intents.ts';
import { invariants } from './invariants/all.ts';
import { Report } from './report.ts';
import { type Options, type Outcome, run } from './run.ts';
import type { World } from './world/world.ts';

const SEEDS = [1, 2, 4, 7, 9, 11];
const DAYS = 0.4;

/** Plays seeds until one of them violates an invariant. */
async function firstViolation(options: Options): Promise<Outcome & { text: string }> {
  for (let seed = 1; seed <= 12; seed += 1) {
    const outcome = await run(seed, DAYS, options);
    if (!outcome.violation) continue;
    const report = new Report();
    report.add(outcome);
    return { ...outcome, text: report.text({ wallMs: 1, cpuMs: 1 }) };
  }
  throw new Error('nothing was found in twelve seeds');
}

describe('days of faults', () => {
  const outcomes: Outcome[] = [];
  beforeAll(async () => {
    for (const seed of SEEDS) outcomes.push(await run(seed, DAYS));
  }, 60_000);

  it('violate no invariant', () => {
    const report = new Report();
    outcomes.forEach((outcome) => report.add(outcome));
    expect(report.violations, report.text({ wallMs: 1, cpuMs: 1 })).toBe(0);
  });

  it('ask every invariant', () => {
    const asked = new Set(outcomes.flatMap(({ checks }) => Object.keys(checks)));
    expect([...asked].sort()).toEqual(invariants.map(({ name }) => name).sort());
  });

  it('bring restarts, alerts of every level, deaths at any call, and messages that come twice', () => {
    const seen = new Set(
      outcomes.flatMap(({ faults, happened }) => [...Object.keys(faults), ...Object.keys(happened)]),
    );
    const restarts = ['restart sent', 'restart completed', 'restart failed', 'restart cancelled'];
    const alerts = ['alert info', 'alert warning', 'alert error', 'alert critical'];
    const calls = ['stall before', 'stall after', 'fail before', 'fail after', 'die before', 'die after'];
    for (const kind of [...restarts, ...alerts, ...calls.map((call) => `call: ${call}`), 'message doubled', 'crash'])
      expect(seen).toContain(kind);
  });
});

/** As `npm run simulate` plays it. */
const inThread = (seed: number, days: number) =>
  new Promise<Outcome>((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { days } });
    worker.once('error', reject);
    worker.once('message', (outcome: Outcome) => void worker.terminate().then(() => resolve(outcome)));
    worker.postMessage(seed);
  });

describe('a seed', () => {
  it('plays the same in a thread, so that what a thread found can be told', async () => {
    expect(await inThread(5, 0.1)).toEqual(await run(5, 0.1));
  });

  it('plays the same to its last event, and another one does not', async () => {
    const [first, second, other] = [await run(5, 0.1), await run(5, 0.1), await run(6, 0.1)];
    expect(second).toEqual(first);
    expect(other.digest).not.toBe(first.digest);
  });

  it('tells the story of one service from its registration on', async () => {
    const { story } = await run(5, 0.1, { following: 'default/s-1' });
    expect(story[0]).toMatch(/registered: .*"id":"s-1"/);
    expect(story.some((line) => line.includes('healthy'))).toBe(true);
  });
});

describe('what may not happen is found', () => {
  const lostAlerts = ({ queues }: World) => void (queues.alert.send = () => undefined);
  const lostOrders = ({ queues }: World) => void (queues.restart.send = () => undefined);
  /** No order that was sent is ever found again. */
  const blind = ({ restarters }: World) => restarters.places.forEach(([, backend]) => (backend.find = () => undefined));
  /** Every written state counts one down too many. */
  const miscounted = ({ table }: World) => {
    const seenBy = table.seenBy.bind(table);
    table.seenBy = (invocation) => {
      const store = seenBy(invocation);
      const saveState: typeof store.saveState = (stored, state, signal) =>
        store.saveState(stored, { ...state, downs: state.downs + 1 }, signal);
      return { ...store, saveState };
    };
  };
  /** There is always a free slot, and it is never taken. */
  const endless = ({ slots }: World) => {
    const seenBy = slots.seenBy.bind(slots);
    slots.seenBy = (invocation) => ({ ...seenBy(invocation), takeSlot: () => Promise.resolve(true) });
  };
  /** All that is pending is forgotten as soon as something is written. */
  const forgotten = ({ table }: World) => {
    const seenBy = table.seenBy.bind(table);
    const none: Intent[] = [];
    table.seenBy = (invocation) => {
      const store = seenBy(invocation);
      return {
        ...store,
        saveState: (stored, state, signal) => store.saveState(stored, { ...state, intents: none }, signal),
      };
    };
  };

  it.each([
    { what: 'a queue that loses alerts', sabotage: lostAlerts, invariant: /lost/ },
    {
      what: 'a queue that loses orders',
      sabotage: lostOrders,
      invariant: /crash in a quiet world is healed/,
    },
    { what: 'orders that cannot be found again', sabotage: blind, invariant: /one order is sent once/ },
    {
      what: 'a state that was written wrongly',
      sabotage: miscounted,
      invariant: /the same events make the same state/,
    },
    { what: 'slots that nobody notes', sabotage: endless, invariant: /no more restarts at once/ },
    { what: 'intents that are forgotten', sabotage: forgotten, invariant: /same state|lost/ },
  ])('$what', { timeout: 60_000 }, async ({ sabotage, invariant }) => {
    const { violation } = await firstViolation({ sabotage });
    expect(violation?.invariant).toMatch(invariant);
  });

  it('and told with its seed, its time, its service and what led there', async () => {
    const { text, seed, violation } = await firstViolation({ sabotage: miscounted });
    expect(text).toContain(`at seed ${seed}, ${new Date(violation!.at).toISOString()}, ${violation!.service}`);
    expect(text).toContain(`npm run simulate -- --seed ${seed} --days ${DAYS}`);
    expect(text).toContain(`| ${violation!.story.at(-1)}`);
    expect(violation!.story[0]).toMatch(/registered/);
  });
});
