// What Lamplighter is for: a service that crashed while nothing else went wrong was restarted.
import type { Invariant } from './invariant.ts';

export const heals: Invariant = {
  name: 'a crash in a quiet world is healed',
  onEnd(watched, check) {
    const { crashedAt } = watched;
    if (crashedAt === undefined) return;
    const sent = watched.sentSince(crashedAt);
    // More than once if its settings leave too little time for verification.
    check(sent > 0, () => 'it crashed, and was not restarted');
  },
};
