// A failure threshold suggested by a service's own history: just above the runs of failures that pass by themselves.
import { doOverlap, type Recorded, type Span } from '../model/recorded.ts';

const LEAST = 2;
const MOST = 10;
/** Fewer verdicts say nothing about a service. */
const ENOUGH = 500;
/**
 * How many of a hundred passing runs must stay below the threshold; one long run must not delay every restart for ever.
 */
const PASSED = 95;

export type Suggestion =
  | Readonly<{ kind: 'suggested'; failureThreshold: number; because: string }>
  | Readonly<{ kind: 'too_little'; because: string }>;

/**
 * Looks at runs of failures, oldest first, that ended while nothing was being restarted. A run as long as the highest
 * threshold is an outage, which somebody may have ended by hand: it should not be waited out.
 */
export function suggestThreshold(recorded: readonly Recorded[], restarts: readonly Span[]): Suggestion {
  const verdicts = recorded.filter(({ verdict }) => verdict !== 'unknown').length;
  if (verdicts < ENOUGH)
    return { kind: 'too_little', because: `${verdicts} verdicts are too few to say; ${ENOUGH} are needed` };
  const alone = runsOfDowns(recorded).filter((run) => !restarts.some((span) => doOverlap(span, run)));
  const passing = alone.map(({ length }) => length).filter((length) => length < MOST);
  const outages = alone.length - passing.length;
  const length = passing.sort((a, b) => a - b)[Math.ceil((passing.length * PASSED) / 100) - 1] ?? 0;
  const said =
    passing.length === 0
      ? `in ${verdicts} verdicts no run of failures passed by itself`
      : `in ${verdicts} verdicts ${passing.length} ${passing.length === 1 ? 'run' : 'runs'} of failures passed by ` +
        `${passing.length === 1 ? 'itself' : 'themselves'}, ${PASSED} of 100 of them after at most ${length}`;
  return {
    kind: 'suggested',
    failureThreshold: Math.max(LEAST, length + 1),
    because:
      outages === 0 ? said : `${said}; ${outages} of ${MOST} or more ${outages === 1 ? 'is an outage' : 'are outages'}`,
  };
}

/** Runs of failures that have ended, up to the first answer; `unknown` neither makes nor ends one. */
function runsOfDowns(recorded: readonly Recorded[]): readonly (Span & { length: number })[] {
  const runs: (Span & { length: number })[] = [];
  let length = 0;
  let from = 0;
  for (const { verdict, beat } of recorded) {
    if (verdict === 'down') {
      if (length === 0) from = beat;
      length += 1;
    } else if (verdict !== 'unknown' && length > 0) {
      runs.push({ length, from, to: beat });
      length = 0;
    }
  }
  return runs;
}
