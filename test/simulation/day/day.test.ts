// The bad day in small: fewer messages, nothing critical lost, and the storm told within one round.
import { beforeAll, describe, expect, it } from 'vitest';

import { Random } from '../engine/random.ts';
import { drawWeather } from '../world/chaos.ts';
import { type Day, playDay } from './day.ts';

const plan = { seed: 3, services: 120, flapping: 3, dependents: 15, singles: 12, hours: 5 };
const ROUND_MS = 60_000;

describe('a bad day of a fleet', () => {
  let plain: Day;
  let handled: Day;
  beforeAll(async () => {
    plain = await playDay({ ...plan, handling: { groups: false, folding: false } });
    handled = await playDay({ ...plan, handling: { groups: true, folding: true } });
  }, 120_000);

  it('violates nothing, and everything critical that was decided reaches people', () => {
    for (const day of [plain, handled]) {
      expect(day.violation).toBeUndefined();
      expect(day.critical).toBeGreaterThan(0);
      expect(day.lost).toEqual([]);
    }
  });

  it('is fewer than half of the messages with folding and grouping together', () => {
    expect(handled.received.email).toBeLessThan(plain.received.email / 2);
    expect(handled.received.chat).toBeLessThan(plain.received.chat / 2);
    expect(handled.received.sms).toBeLessThanOrEqual(plain.received.sms);
    expect(handled.failingLooks).toBeGreaterThan(plain.received.email);
  });

  it('tells of the storm within one round of the first that saw it', () => {
    expect(handled.stormToldAfterMs).toBeLessThan(ROUND_MS);
  });

  it('loses nothing critical in bad weather either', { timeout: 60_000 }, async () => {
    const weather = drawWeather(new Random(7));
    const day = await playDay({ ...plan, handling: { groups: true, folding: true }, weather });
    expect(day.violation).toBeUndefined();
    expect(day.lost).toEqual([]);
  });
});
