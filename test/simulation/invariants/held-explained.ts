// A service that is seen down and is not being restarted says why.
import type { Invariant } from './invariant.ts';

export const heldExplained: Invariant = {
  name: 'every held restart is explained',
  onCommit({ after, isCounted, verdict, isRunning, ended }, check) {
    if (!isCounted || verdict !== 'down' || isRunning || ended || after.health !== 'unhealthy') return;
    check(Boolean(after.incident?.held), () => `it is down, nothing restarts it, and nobody says why`);
  },
};
