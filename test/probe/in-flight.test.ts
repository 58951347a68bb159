import { describe, expect, it } from 'vitest';

import { inFlight } from '../../lambdas/probe/in-flight.ts';
import { meeting } from '../fakes/meeting.ts';

const { signal } = new AbortController();

describe('work in flight', () => {
  it('is at most so much at a time, and as much as allowed', async () => {
    let running = 0;
    let most = 0;
    const full = meeting(3); // who comes first waits until the limit is reached
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await full();
      running -= 1;
    };
    await inFlight([1, 2, 3, 4, 5, 6, 7], 3, work, signal);
    expect(most).toBe(3);
  });

  it('is begun in the order of the items', async () => {
    const begun: number[] = [];
    await inFlight([5, 3, 9, 1], 2, async (item) => void begun.push(item), signal);
    expect(begun).toEqual([5, 3, 9, 1]);
  });

  it('goes on when one item fails, and says in the end how many did', async () => {
    const done: number[] = [];
    const work = async (item: number) => {
      if (item % 2 === 0) throw new Error(`no ${item}`);
      done.push(item);
    };
    const fault = await inFlight([1, 2, 3, 4, 5], 2, work, signal).catch((error: unknown) => error);
    expect(done).toEqual([1, 3, 5]);
    expect(fault).toBeInstanceOf(AggregateError);
    expect((fault as AggregateError).message).toBe('2 of 5 failed');
    expect((fault as AggregateError).errors.map(String)).toEqual(['Error: no 2', 'Error: no 4']);
  });

  it('begins nothing more once it is cut off, and says so', async () => {
    const controller = new AbortController();
    const begun: number[] = [];
    const work = async (item: number) => {
      begun.push(item);
      if (item === 2) controller.abort();
    };
    await expect(inFlight([1, 2, 3, 4], 1, work, controller.signal)).rejects.toThrow('2 of 4 failed');
    expect(begun).toEqual([1, 2]);
  });

  it('of nothing is done at once', async () => {
    await inFlight([], 5, () => Promise.reject(new Error('never')), signal);
  });
});
