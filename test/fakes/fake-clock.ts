// A clock that goes only when told to.
import type { Clock } from '../../lambdas/ports/process.ts';

/** A whole minute, so that beats are easy to read. */
export const START = Date.UTC(2026, 0, 5, 12, 0, 0);
export type FakeClock = Clock & { set(at: number): void; pass(ms: number): void };

export function fakeClock(at = START): FakeClock {
  let now = at;
  return {
    now: () => now,
    set: (next) => void (now = Math.max(now, next)),
    pass: (ms) => void (now += ms),
  };
}
