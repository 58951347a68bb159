// The weather of a run: how often a call to the outside goes wrong, and how. Drawn from the seed; calm at the end.
import type { Random } from '../engine/random.ts';
import type { Stats } from '../stats.ts';

/** What happens to one call. `after`: it has taken effect, but the caller does not learn of that, or late. */
export type Fate = 'fine' | 'stall_before' | 'stall_after' | 'fail_before' | 'fail_after' | 'die_before' | 'die_after';

/** Probabilities per call, and times in ms. */
export type Weather = Readonly<{
  stall: number;
  longestStallMs: number;
  fail: number;
  inDoubt: number;
  die: number;
  /** A single probe fails because of our own trouble. */
  unknown: number;
  /** How long a read of a shard may lag behind. */
  staleMs: number;
  /** A message is delivered a second time; comes late; its deletion fails, so that it comes again. */
  double: number;
  late: number;
  undeleted: number;
  /** Rounds. */
  skipRound: number;
  doubleRound: number;
  lateRound: number;
}>;

export const CALM: Weather = {
  stall: 0,
  longestStallMs: 0,
  fail: 0,
  inDoubt: 0,
  die: 0,
  unknown: 0,
  staleMs: 0,
  double: 0,
  late: 0,
  undeleted: 0,
  skipRound: 0,
  doubleRound: 0,
  lateRound: 0,
};

/**
 * One run in five is calm, so that faults of services are also seen without other trouble; the others differ widely.
 */
export function drawWeather(random: Random): Weather {
  if (random.chance(0.2)) return CALM;
  const upTo = (most: number) => (random.chance(0.7) ? most * random.next() ** 2 : 0);
  return {
    stall: upTo(0.06),
    longestStallMs: random.pick([1_000, 5_000, 20_000, 60_000]),
    fail: upTo(0.04),
    inDoubt: upTo(0.03),
    die: upTo(0.03),
    unknown: upTo(0.05),
    staleMs: random.pick([0, 500, 2_000, 10_000]),
    double: upTo(0.1),
    late: upTo(0.05),
    undeleted: upTo(0.03),
    skipRound: upTo(0.1),
    doubleRound: upTo(0.1),
    lateRound: upTo(0.1),
  };
}

export class Chaos {
  weather: Weather = CALM;
  readonly #random: Random;
  readonly #stats: Stats;

  constructor(random: Random, stats: Stats) {
    this.#random = random;
    this.#stats = stats;
  }

  /**
   * What happens to a call, which goes wrong `often` times as often as others; only a write can have taken effect
   * without an answer.
   */
  fateOf(isWrite: boolean, often: number): Fate {
    const { stall, fail, inDoubt, die } = this.weather;
    if (stall + fail + inDoubt + die === 0) return 'fine';
    const fate = this.#drawFate(isWrite, this.weather, often);
    if (fate !== 'fine') this.#stats.injected(`call: ${fate.replace('_', ' ')}`);
    return fate;
  }

  #drawFate(isWrite: boolean, { stall, fail, inDoubt, die }: Weather, often: number): Fate {
    let draw = this.#random.next() / often;
    if ((draw -= stall) < 0) return isWrite && this.#random.chance(0.5) ? 'stall_after' : 'stall_before';
    if ((draw -= fail) < 0) return 'fail_before';
    if (isWrite && (draw -= inDoubt) < 0) return 'fail_after';
    if ((draw -= die) < 0) return isWrite && this.#random.chance(0.5) ? 'die_after' : 'die_before';
    return 'fine';
  }

  /** Mostly short, seldom very long. */
  stallMs(): number {
    return Math.ceil(this.weather.longestStallMs * this.#random.next() ** 3);
  }

  chance(probability: number): boolean {
    return this.#random.chance(probability);
  }

  /** Whole ms up to `most`. */
  upTo(most: number): number {
    return Math.floor(this.#random.next() * most);
  }

  next(): number {
    return this.#random.next();
  }
}
