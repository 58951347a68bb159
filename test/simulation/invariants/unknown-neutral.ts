// Rule 1: an `unknown`, or a beat that is not newer than the last one counted, changes no counter and starts nothing.
import type { State } from '../../../lambdas/core/model/state.ts';
import type { Invariant } from './invariant.ts';

const counters = ({ downs, slows, ups, answers, downBeats, lastBeat, health, failingSince }: State): string =>
  [downs, slows, ups, answers, downBeats.join(' '), lastBeat, health, failingSince].join('/');

export const unknownNeutral: Invariant = {
  name: '1 unknown and old beats are neutral',
  onCommit({ verdict, isCounted, before, after, ordered, ended, invocation }, check) {
    if (verdict === undefined || isCounted) return;
    check(ordered === undefined, () => `a look that does not count (${verdict}) ordered ${ordered?.id}`);
    // Time alone may end a restart in the same write, and with it every run of verdicts.
    if (ended) return check(ended.phase === 'failed', () => `a look that does not count led to ${ended.phase}`);
    check(
      counters(before) === counters(after),
      () =>
        `${verdict} at beat ${invocation.memory.errand?.beat} after ${before.lastBeat}: ${counters(before)} became ${counters(after)}`,
    );
  },
};
