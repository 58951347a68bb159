// Recorded verdicts for tests, written as text: `up 300, down 2, unknown 1, up 20`.
import { type Verdict, verdicts } from '../../lambdas/core/model/observation.ts';
import type { Recorded } from '../../lambdas/core/model/recorded.ts';
import { T0 } from './state.ts';

const causes = { up: 'none', slow: 'too_slow', down: 'timeout', unknown: 'own_trouble' } as const;
const verdictOf = (word: string): Verdict => {
  const verdict = verdicts.find((one) => one === word);
  if (!verdict) throw new Error(`${word} is no verdict`);
  return verdict;
};

/** One after the other, oldest first, `everySeconds` apart from `from` (epoch ms). */
export function recorded(text: string, { from = T0, everySeconds = 60 } = {}): Recorded[] {
  const words = text.split(',').flatMap((part) => {
    const [word = '', count = '1'] = part.trim().split(/\s+/);
    return Array.from({ length: Number(count) }, () => verdictOf(word));
  });
  return words.map((verdict, index) => ({
    beat: from + index * everySeconds * 1000,
    verdict,
    cause: causes[verdict],
  }));
}
