// Rule 6: past the budget there is one critical alert; after that, or after a person cancelled, there is no automatic
// restart until a person acts or the service recovers.
import type { Invariant } from './invariant.ts';

export const handsOff: Invariant = {
  name: '6 one critical alert, then hands off',
  onCommit({ before, after, spec, ordered, ended, invocation }, check) {
    const [was, is] = [before.incident, after.incident];
    if (is?.handsOff === 'limit' && was?.handsOff !== 'limit') {
      const isTold = is.alerted.includes('restart_limit_exceeded');
      check(isTold || !spec.alerts.enabled, () => 'the budget is used up, and nobody is told');
      check(ordered === undefined, () => 'the budget is used up, and a restart was ordered');
    }
    if (was?.handsOff && is?.id === was.id && !is.handsOff)
      check(
        invocation.memory.wish?.kind === 'requested' || ordered?.cascadeOf !== undefined,
        () => `hands off (${was.handsOff}) was lifted by nobody`,
      );
    if (ended?.phase === 'cancelled' && invocation.memory.wish?.kind === 'cancelled' && was)
      check(is?.handsOff === 'cancelled', () => 'a person cancelled the restart, and hands are not off');
  },
};
