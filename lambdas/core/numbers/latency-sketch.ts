// Latencies in so little room that a month of them can be kept, and merged without loss: DDSketch (Masson, Rim, Lee:
// "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees", VLDB 2019), with a logarithm
// for its mapping and a sparse list for its store. docs/adr/004-dependencies.md says why it is not taken from a library.

/** How many latencies fell into which bin, by rising bin; bins without any are left out. */
export type Sketch = readonly (readonly [bin: number, count: number])[];

/** Every percentile is at most this share off a latency that was really measured at its rank. */
export const RELATIVE_ACCURACY = 0.01;
const GAMMA = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);
/** Below the bin of 1 ms: answers that took less than half a millisecond are recorded as 0. */
const ZERO_BIN = -1;

const binOf = (ms: number): number => (ms < 1 ? ZERO_BIN : Math.ceil(Math.log(ms) / LOG_GAMMA));
/** No value of the bin is further from this, in ms, than the accuracy allows. */
const middleOf = (bin: number): number => (bin === ZERO_BIN ? 0 : (2 * GAMMA ** bin) / (GAMMA + 1));

const sorted = (bins: ReadonlyMap<number, number>): Sketch => [...bins].sort(([one], [other]) => one - other);

/** Of whole milliseconds, in any order. */
export function sketchOf(latencies: Iterable<number>): Sketch {
  const bins = new Map<number, number>();
  for (const ms of latencies) bins.set(binOf(ms), (bins.get(binOf(ms)) ?? 0) + 1);
  return sorted(bins);
}

/** The sketch of all that these were made of: the same, bin by bin, as if it had been made at once. */
export function mergeSketches(sketches: readonly Sketch[]): Sketch {
  const [only = [], ...others] = sketches;
  if (others.length === 0) return only;
  const bins = new Map<number, number>();
  for (const sketch of sketches) for (const [bin, count] of sketch) bins.set(bin, (bins.get(bin) ?? 0) + count);
  return sorted(bins);
}

export const sizeOf = (sketch: Sketch): number => sketch.reduce((sum, [, count]) => sum + count, 0);

/** The latency, in ms, that this share (0 to 1) of them does not exceed; `undefined` of an empty sketch. */
export function quantileOf(sketch: Sketch, share: number): number | undefined {
  const rank = share * (sizeOf(sketch) - 1);
  let passed = 0;
  for (const [bin, count] of sketch) {
    passed += count;
    if (passed > rank) return middleOf(bin);
  }
  return undefined;
}
