// The bad day on a small scale: each part that keeps messages few does so, nothing critical is lost, and people are
// told about the storm within one round.
import { beforeAll, describe, expect, it } from 'vitest';

import { Random } from '../engine/random.ts';
import { drawWeather } from '../world/chaos.ts';
import { type Day, playDay } from './day.ts';

const plan = { seed: 3, services: 120, flapping: 3, dependents: 15, singles: 12, hours: 5 };
const all = { folding: true, flapping: true, groups: true };
const ROUND_MS = 60_000;
const played = (handling: Partial<typeof all>): Promise<Day> =>
  playDay({ ...plan, handling: { folding: false, flapping: false, groups: false, ...handling } });

describe('a bad day of a fleet', () => {
  let plain: Day;
  let folded: Day;
  let steady: Day;
  let handled: Day;
  beforeAll(async () => {
    plain = await played({});
    folded = await played({ folding: true });
    steady = await played({ folding: true, flapping: true });
    handled = await played(all);
  }, 240_000);

  it('violates nothing, and everything critical that was decided reaches people', () => {
    for (const day of [plain, folded, steady, handled]) {
      expect(day.violation).toBeUndefined();
      expect(day.critical).toBeGreaterThan(0);
      expect(day.lost).toEqual([]);
    }
  });

  it('is fewer than half of the messages with all parts together, and a tenth of what fails', () => {
    expect(handled.received.email).toBeLessThan(plain.received.email / 2);
    expect(handled.received.chat).toBeLessThan(plain.received.chat / 2);
    expect(handled.received.sms).toBeLessThanOrEqual(plain.received.sms);
    expect(plain.failingLooks).toBeGreaterThan(2 * plain.received.email);
    expect(handled.failingLooks).toBeGreaterThan(10 * handled.received.email);
  });

  it('is fewer with each part, and what is critical with folding', () => {
    expect(folded.received.email).toBeLessThan(0.7 * plain.received.email);
    expect(folded.received.sms).toBeLessThan(plain.received.sms / 2);
    expect(steady.received.email).toBeLessThan(0.7 * folded.received.email);
    expect(handled.received.email).toBeLessThan(steady.received.email);
    expect(handled.kinds.get('group')).toBeGreaterThan(0);
  });

  it('tells of each that flaps once, and of its end', () => {
    expect(steady.kinds.get('flapping')).toBe(plan.flapping);
    expect(steady.kinds.get('steady')).toBe(plan.flapping);
    expect(folded.kinds.get('flapping')).toBeUndefined();
  });

  it('tells of the storm within one round of the first that saw it', () => {
    expect(handled.stormToldAfterMs).toBeLessThan(ROUND_MS);
    expect(plain.stormToldAfterMs).toBeGreaterThan(ROUND_MS);
  });

  it('loses nothing critical in bad weather either', { timeout: 60_000 }, async () => {
    const weather = drawWeather(new Random(7));
    const day = await playDay({ ...plan, handling: all, weather });
    expect(day.violation).toBeUndefined();
    expect(day.lost).toEqual([]);
  });
});
