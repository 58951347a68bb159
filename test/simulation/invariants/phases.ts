// A restart goes through its phases in the allowed order only, and none of them ends before its time.
import type { Restart } from '../../../lambdas/core/model/state.ts';
import { MAX_SKEW_MS } from '../world/clocks.ts';
import type { Invariant } from './invariant.ts';

type Phase = Restart['phase'];
/** The phases that may follow in one write; each may also stay. */
const next: Readonly<Record<Phase, readonly Phase[]>> = {
  idle: [],
  // Recovering: the hook before an act that failed is undone.
  preparing: ['waiting_requests', 'restarting', 'recovering', 'failed', 'cancelled'],
  waiting_requests: ['restarting'],
  restarting: ['verifying', 'recovering', 'failed'],
  verifying: ['completed', 'recovering', 'failed'],
  recovering: ['failed'],
  completed: [],
  failed: [],
  cancelled: [],
};

export const phasesAllowed: Invariant = {
  name: 'phases follow each other as allowed',
  onCommit({ before, after, ordered, wasRunning, now }, check) {
    const [was, is] = [before.restart, after.restart];
    if (ordered) check(ordered.phase === 'preparing', () => `${ordered.id} begins as ${ordered.phase}`);
    if (!was || !is || was.id !== is.id || was.phase === is.phase) return;
    // Held before its step, at once or after the hook that undoes the one before; or cancelled by a person, after that
    // hook.
    const isHeld = is.outcome?.startsWith('held: ') && ['restarting', 'recovering'].includes(was.phase);
    const isTakenBack = is.outcome?.startsWith('cancelled by ') && was.phase === 'recovering';
    const mayFollow = isHeld || isTakenBack ? ['cancelled', ...next[was.phase]] : next[was.phase];
    check(mayFollow.includes(is.phase), () => `${is.id} went from ${was.phase} to ${is.phase}`);
    if (wasRunning?.phase === 'verifying' && is.phase === 'recovering')
      check(
        now >= wasRunning.deadlineAt - 2 * MAX_SKEW_MS,
        () => `${is.id} was taken back before its time to be verified was over`,
      );
  },
};
