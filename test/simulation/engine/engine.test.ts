// Virtual time: order, settling between events, and repeatable randomness.
import { describe, expect, it } from 'vitest';

import { isSame } from '../invariants/is-same.ts';
import { Engine } from './engine.ts';
import { EventHeap } from './event-heap.ts';
import { Random } from './random.ts';

describe('the heap', () => {
  it('gives the earliest first, and those of one time in the order in which they came', () => {
    const heap = new EventHeap();
    const random = new Random(1);
    const planned = Array.from({ length: 500 }, (_, order) => ({ at: random.int(0, 40), order }));
    const given: typeof planned = [];
    planned.forEach((each) => heap.push(each.at, () => given.push(each), false));
    while (heap.size > 0) heap.pop()?.run();
    expect(given).toEqual(planned.toSorted((a, b) => a.at - b.at || a.order - b.order));
    expect(heap.pop()).toBeUndefined();
    expect(heap.nextAt).toBe(Infinity);
  });
});

describe('the engine', () => {
  it('lets everything settle before the next event, and jumps from one to the other', async () => {
    const engine = new Engine(1_000);
    const said: string[] = [];
    const walk = async (name: string) => {
      for (let step = 0; step < 20; step += 1) await Promise.resolve();
      said.push(`${name} at ${engine.now}`);
      await engine.until(engine.now + 500);
      said.push(`${name} again at ${engine.now}`);
    };
    engine.stirAt(2_000, () => void walk('one'));
    engine.stirAt(2_001, () => void walk('two'));
    engine.at(9_000, () => said.push('never'));
    await engine.play(9_000);
    expect(said).toEqual(['one at 2000', 'two at 2001', 'one again at 2500', 'two again at 2501']);
    expect(engine).toMatchObject({ now: 9_000, events: 4 });
  });

  it('does nothing more once it is stopped', async () => {
    const engine = new Engine(0);
    engine.at(1, () => engine.stop());
    engine.at(2, () => expect.unreachable('it was stopped'));
    await engine.play(10);
    expect(engine.now).toBe(1);
  });
});

describe('chance', () => {
  const draws = (random: Random) => Array.from({ length: 1_000 }, () => random.next());

  it('is the same for the same seed, and spreads evenly', () => {
    expect(draws(new Random(7))).toEqual(draws(new Random(7)));
    expect(draws(new Random(8))).not.toEqual(draws(new Random(7)));
    const mean = draws(new Random(7)).reduce((sum, draw) => sum + draw, 0) / 1_000;
    expect(mean).toBeGreaterThan(0.47);
    expect(mean).toBeLessThan(0.53);
  });

  it('gives streams that know nothing of each other', () => {
    const [one, other] = [new Random(7), new Random(7)];
    expect(draws(one.stream('fleet'))).toEqual(draws(other.stream('fleet')));
    expect(draws(new Random(7).stream('fleet'))).not.toEqual(draws(new Random(7).stream('chaos')));
  });
});

describe('being the same', () => {
  it.each([
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, true],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, false],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [[1], { 0: 1 }, false],
    [null, {}, false],
    [Number.NaN, Number.NaN, true],
  ])('of %j and %j is %s', (one, other, expected) => expect(isSame(one, other)).toBe(expected));
});
