// Which unhealthy tasks are stopped next, and why no more of them are.
import { describe, expect, it } from 'vitest';

import { atLeast, firstRound, nextRound } from '../../../lambdas/core/restart/stop-rounds.ts';

const task = (id: number, healthStatus = 'UNHEALTHY') => ({ id, healthStatus, startedAt: new Date(id) });
const ill = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => task(from + index));
const whole = <T>(tasks: readonly T[]) => ({ tasks, isWhole: true });
const usual = { count: 10, isCounted: true, isOurs: true, begunAt: 1_000 };
const ids = (tasks: readonly { id: number }[]) => tasks.map(({ id }) => id);
const stopped = (next: ReturnType<typeof nextRound<ReturnType<typeof task>>>) =>
  next.kind === 'stop' ? ids(next.tasks) : next.rest;

describe('the first round', () => {
  it('is the ten oldest that ECS calls unhealthy; one that has not started is the oldest', () => {
    const unstarted = { id: 99, healthStatus: 'UNHEALTHY', startedAt: undefined };
    const all = [...ill(1, 15).toReversed(), task(0, 'HEALTHY'), task(0, 'UNKNOWN'), unstarted];
    expect(ids(firstRound(whole(all)))).toEqual([99, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(firstRound(whole([task(0, 'HEALTHY')]))).toEqual([]);
  });
});

describe('the next round', () => {
  it('is the next ten, and says how many there are with them', () => {
    const next = nextRound(whole([...ill(20, 34), task(1, 'HEALTHY')]), usual);
    expect([stopped(next), next]).toMatchObject([[20, 21, 22, 23, 24, 25, 26, 27, 28, 29], { left: 14 }]);
  });

  it.each([
    [90, 10],
    [93, 7],
    [99, 1],
  ])('behind %i is no larger than what is left of a hundred', (count, size) => {
    expect(stopped(nextRound(whole(ill(0, 30)), { ...usual, count }))).toHaveLength(size);
  });

  it('leaves alone what was put there since the order, or has not started', () => {
    const unstarted = { ...task(1), startedAt: undefined };
    const next = nextRound({ tasks: [...ill(995, 1_005), unstarted], isWhole: true }, usual);
    expect(next).toMatchObject({ kind: 'stop', left: 5 });
    expect(nextRound(whole([...ill(1_000, 1_005), task(1, 'HEALTHY')]), usual)).toEqual({ kind: 'over', rest: '' });
  });

  it.each([
    [{ isOurs: false }, '; 3 unhealthy ones are left: somebody has deployed meanwhile'],
    [{ count: 100 }, '; 3 unhealthy ones are left: no more than 100 are stopped by one restart'],
    [{ count: 104 }, '; 3 unhealthy ones are left: no more than 100 are stopped by one restart'],
    [
      { isCounted: false },
      '; 3 unhealthy ones are left: too many tasks have stopped to tell which ones this restart has',
    ],
  ])('is not begun with %o', (change, rest) => {
    expect(stopped(nextRound(whole(ill(0, 3)), { ...usual, ...change }))).toBe(rest);
  });

  it('tells of more tasks than were looked at no more than it can know', () => {
    const cut = { tasks: ill(0, 3), isWhole: false };
    expect(stopped(nextRound(cut, { ...usual, count: 100 }))).toMatch(/^; at least 3 unhealthy ones are left: /);
    expect(stopped(nextRound({ tasks: [task(0, 'HEALTHY')], isWhole: false }, usual))).toBe(
      '; no more than 1 were looked at',
    );
    expect([atLeast(3, cut), atLeast(3, { isWhole: true })]).toEqual(['at least 3', '3']);
  });
});
