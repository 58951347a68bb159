// A threshold from a service's own history: long enough for what passes by itself, and no longer.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { suggestThreshold } from '../../../lambdas/core/learning/suggest-threshold.ts';
import { recorded } from '../../make/recorded.ts';
import { T0 } from '../../make/state.ts';

const MINUTE = 60_000;
const at = (beat: number) => T0 + beat * MINUTE;
const suggested = (text: string, restarts: { from: number; to: number }[] = []) =>
  suggestThreshold(recorded(text), restarts);

describe('a suggested threshold', () => {
  it.each<[string, number, string]>([
    ['up 600', 2, 'in 600 verdicts no run of failures passed by itself'],
    [
      'up 599, down 1, up 1',
      2,
      'in 601 verdicts 1 run of failures passed by itself, 95 of 100 of them after at most 1',
    ],
    [
      'up 300, down 4, up 300, down 2, up 1',
      5,
      'in 607 verdicts 2 runs of failures passed by themselves, 95 of 100 of them after at most 4',
    ],
    ['up 600, slow 5, up 5', 2, 'in 610 verdicts no run of failures passed by itself'],
    [
      'up 600, down 2, slow 1',
      3,
      'in 603 verdicts 1 run of failures passed by itself, 95 of 100 of them after at most 2',
    ],
    ['up 600, down 7', 2, 'in 607 verdicts no run of failures passed by itself'],
    [
      'up 600, down 9, up 5',
      10,
      'in 614 verdicts 1 run of failures passed by itself, 95 of 100 of them after at most 9',
    ],
    [
      'up 600, down 3, up 9, down 10, up 5',
      4,
      'in 627 verdicts 1 run of failures passed by itself, 95 of 100 of them after at most 3; 1 of 10 or more is an outage',
    ],
    [
      'up 600, down 90, up 9, down 480, up 5',
      2,
      'in 1184 verdicts no run of failures passed by itself; 2 of 10 or more are outages',
    ],
    [
      'up 600, down 2, unknown 30, down 1, up 5',
      4,
      'in 608 verdicts 1 run of failures passed by itself, 95 of 100 of them after at most 3',
    ],
  ])('for %s is %i', (text, failureThreshold, because) => {
    expect(suggested(text)).toEqual({ kind: 'suggested', failureThreshold, because });
  });

  it('is not said of less than 500 verdicts; those that are unknown are none', () => {
    expect(suggested('up 499')).toEqual({
      kind: 'too_little',
      because: '499 verdicts are too few to say; 500 are needed',
    });
    expect(suggested('up 499, unknown 5')).toMatchObject({ kind: 'too_little' });
    expect(suggested('up 500')).toMatchObject({ kind: 'suggested' });
    expect(suggestThreshold([], [])).toMatchObject({ kind: 'too_little' });
  });

  it('does not let one long trouble among many short ones delay every restart', () => {
    const short = Array.from({ length: 19 }, () => 'up 30, down 1').join(',');
    expect(suggested(`${short}, up 30, down 8, up 1`)).toMatchObject({ failureThreshold: 2 });
    const fewer = Array.from({ length: 18 }, () => 'up 30, down 1').join(',');
    expect(suggested(`${fewer}, up 30, down 8, up 1`)).toMatchObject({ failureThreshold: 9 });
  });

  it.each<[string, number, number, number]>([
    ['ordered in it and verified after it', 602, 607, 2],
    ['that was under way before it, and ended in it', 590, 602, 2],
    ['that ended as it began', 590, 600, 2],
    ['that ended before it', 590, 599, 5],
    ['ordered as it answered again', 604, 620, 2],
    ['ordered after it', 605, 620, 5],
  ])('with a restart %s', (_, from, to, failureThreshold) => {
    // The run is of beats 600 to 603; 604 answers.
    const restarts = [{ from: at(from), to: at(to) }];
    expect(suggested('up 600, down 4, up 50', restarts)).toMatchObject({ failureThreshold });
  });
});

describe('a suggestion', () => {
  const runs = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 40 });
  const told = (lengths: readonly number[]) =>
    suggested(
      `up 500, ${lengths.map((length) => `down ${length}, up 3`).join(',')}${lengths.length > 0 ? ',' : ''} up 1`,
    );

  it('is between 2 and 10, and leaves at least 95 of 100 passing troubles alone', () => {
    fc.assert(
      fc.property(runs, (lengths) => {
        const suggestion = told(lengths);
        if (suggestion.kind !== 'suggested') throw new Error('500 verdicts are enough');
        const { failureThreshold } = suggestion;
        expect(failureThreshold).toBeGreaterThanOrEqual(2);
        expect(failureThreshold).toBeLessThanOrEqual(10);
        const passing = lengths.filter((length) => length < 10);
        const restarted = passing.filter((length) => length >= failureThreshold);
        expect(restarted.length).toBeLessThanOrEqual(passing.length * 0.05);
        // And it is the lowest that does so.
        const below = passing.filter((length) => length >= failureThreshold - 1);
        if (failureThreshold > 2) expect(below.length).toBeGreaterThan(passing.length * 0.05);
      }),
    );
  });

  it('asks nothing of the order of troubles', () => {
    fc.assert(
      fc.property(runs, (lengths) => {
        expect(told(lengths.toReversed())).toEqual(told(lengths));
      }),
    );
  });
});
