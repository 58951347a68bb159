// How a restart goes from one act to the next, into verification, and into recovery.
import { withRecord } from '../health/incident.ts';
import type { Restart, State } from '../model/state.ts';
import { type Context, type Step, strikeOff, unchanged, withState } from '../model/step.ts';
import { cancelRestart, failRestart, failUndoing, holdRestart } from './restart-endings.ts';
import { enterAct } from './restart-enter.ts';
import { describe, isOrder, withLook } from './restart-order.ts';
import { codeOf, currentAct, isTakenBack, isUndoing, undoingAct } from './restart-plan.ts';
import { undoCancelled } from './restart-undo.ts';

/** The present act is done: on to the next, to verification, or to the end of the recovery. */
export function nextAct(context: Context, step: Step, restart: Restart, identity: string, jitter: number): Step {
  const actIndex = restart.actIndex + 1;
  if (isTakenBack(restart)) return undoCancelled(context, step, { ...restart, actIndex });
  const further: Restart = { ...restart, actIndex };
  const next = restart.acts[further.actIndex];
  if (next) return enterAct(context, step, further, next);
  if (restart.held !== undefined) return holdRestart(context, step, further, restart.held, jitter);
  const { cancelledBy } = restart;
  if (cancelledBy !== undefined) return cancelRestart(context, step, { ...further, cancelledBy });
  if (restart.phase !== 'recovering') return verify(context, step, { ...further, identity });
  const isUntouched = isUndoing(restart);
  const ending = isUntouched ? 'what was done before it is undone' : 'it was taken back';
  const health = isUntouched ? 'degraded' : 'unhealthy';
  return failRestart(context, step, further, { reason: `${restart.failure}; ${ending}`, health, jitter });
}

/** The instance has changed: after the warm-up, verdicts decide again. */
function verify(context: Context, step: Step, restart: Restart): Step {
  const { service, now } = context;
  const warmUpSeconds = restart.step.warmUpSeconds ?? service.restart.warmUpSeconds;
  const verifySeconds = restart.step.verifyTimeoutSeconds ?? service.restart.verifyTimeoutSeconds;
  // Clocks differ: a probe before the change may bear a later time than the change does here. It has been counted.
  const holdUntil = Math.max(now + warmUpSeconds * 1000, step.state.lastBeat + 1);
  const verifying: Restart = {
    ...restart,
    phase: 'verifying',
    changedAt: now,
    touchedAt: now,
    holdUntil,
    deadlineAt: holdUntil + verifySeconds * 1000,
  };
  return withLook(context, withState(step, { restart: verifying, ups: 0, answers: 0 }), holdUntil);
}

/** The reason, with the act it is about; no act is named if it is the step itself, or an act that was not begun. */
function withAct(restart: Restart, reason: string): string {
  const { kind } = currentAct(restart);
  const code = codeOf(kind);
  if (code !== undefined) return `${code} ${kind} failed: ${reason}`;
  const isHook = restart.begunAt !== undefined && (kind === 'before' || kind === 'after');
  return isHook ? `the ${kind} hook failed: ${reason}` : reason;
}

/**
 * An act or the verification failed: the restart is rolled back, if there is a way back and something was changed. If
 * the step was not sent, only the hook before it is undone. `isInDoubt`: the act may have been carried out, and nothing
 * found out whether it was.
 */
export function actFailed(
  context: Context,
  state: State,
  restart: Restart,
  failed: { reason: string; output?: string | undefined; jitter: number; isInDoubt?: boolean },
): Step {
  const { kind } = currentAct(restart);
  const reason = withAct(restart, failed.reason);
  if (restart.held !== undefined || (restart.cancelledBy !== undefined && restart.phase === 'recovering'))
    return failUndoing(context, state, restart, failed);
  if (restart.phase === 'recovering')
    return failRestart(context, unchanged(state), restart, {
      ...failed,
      health: isUndoing(restart) ? 'degraded' : 'unhealthy',
      reason: `${restart.failure}; ${isUndoing(restart) ? 'the hook after it' : 'taking it back'} failed too: ${failed.reason}`,
    });
  // What may have been done counts as done: running the hook that undoes it does no harm.
  const actIndex = failed.isInDoubt ? restart.actIndex + 1 : restart.actIndex;
  const because = { failure: reason, failedAct: kind, output: failed.output ?? restart.output };
  if (isTakenBack(restart)) return undoCancelled(context, unchanged(state), { ...restart, actIndex, ...because });
  const hasChanged = restart.restartHandle !== undefined || (failed.isInDoubt && kind === 'restart');
  // A service that was not touched keeps its health, however the hooks around the step ended.
  const health = hasChanged ? 'unhealthy' : 'degraded';
  const undoing = undoingAct({ ...restart, actIndex });
  const way = hasChanged ? restart.recovery : undoing ? [undoing] : [];
  const [first] = way;
  if (!first) return failRestart(context, unchanged(state), restart, { ...failed, health, reason });
  const recovering: Restart = { ...restart, acts: way, actIndex: 0, ...because };
  const left = strikeOff(state, (intent) => isOrder(intent) || intent.kind === 'probe');
  const recorded = withRecord(context, unchanged(left), {
    kind: 'restart_recovering',
    level: 'error',
    message: `${describe(restart)} failed: ${reason}. ${hasChanged ? 'It is taken back.' : 'What was done before it is undone.'}`,
    restartId: restart.id,
    failureType: 'restart_failed',
    action: 'restart',
    actionResult: 'failed',
  });
  return enterAct(context, recorded, recovering, first);
}
