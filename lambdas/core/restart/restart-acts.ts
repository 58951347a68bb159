// How a restart goes from one act to the next, into verification, and into recovery.
import { withRecord } from '../health/incident.ts';
import type { Act, Restart, State } from '../model/state.ts';
import { type Context, type Step, strikeOff, unchanged, withIntent, withState } from '../model/step.ts';
import { failRestart, holdRestart, takeBack } from './restart-endings.ts';
import { describe, isOrder, ORDER_TIMEOUT_MS, withLook } from './restart-order.ts';
import { codeOf, currentAct, isUndoing, phaseIn, undoingAct } from './restart-plan.ts';

const DRAIN_SECONDS = 30;

/** The present act is done: on to the next, to verification, or to the end of the recovery. */
export function nextAct(context: Context, step: Step, restart: Restart, identity: string, jitter: number): Step {
  const further: Restart = { ...restart, actIndex: restart.actIndex + 1 };
  const next = restart.acts[further.actIndex];
  if (next) return enterAct(context, step, further, next);
  if (restart.held !== undefined) return holdRestart(context, step, further, restart.held, jitter);
  if (restart.phase !== 'recovering') return verify(context, step, { ...further, identity });
  const ending = isUndoing(restart) ? 'what was done before it is undone' : 'it was taken back';
  return failRestart(context, step, further, { reason: `${restart.failure}; ${ending}`, jitter });
}

/** Begins an act: its own times, its own lease, its own order. */
export function enterAct(context: Context, step: Step, restart: Restart, { kind }: Act): Step {
  const { now, service } = context;
  const entered: Restart = {
    ...restart,
    phase: phaseIn(restart, kind),
    begunAt: undefined,
    before: undefined,
    handle: undefined,
    sentAt: undefined,
    leaseUntil: undefined,
    nextPollAt: undefined,
    touchedAt: now,
    deadlineAt: now + ORDER_TIMEOUT_MS,
  };
  if (kind !== 'drain')
    return withIntent(context, withState(step, { restart: entered }), { kind: 'restart', restartId: restart.id });
  const waitMs = (restart.drainSeconds ?? service.restart.drain?.timeoutSeconds ?? DRAIN_SECONDS) * 1000;
  const waiting = withState(step, { restart: { ...entered, deadlineAt: now + waitMs } });
  const recorded = withRecord(context, waiting, {
    kind: 'requests_awaited',
    level: 'info',
    message: `waiting up to ${waitMs / 1000} s for requests under way`,
    restartId: restart.id,
    action: 'restart',
    actionResult: 'pending',
  });
  return withLook(context, recorded, now);
}

/** Something else stands there now: after the warm-up, verdicts decide again. */
function verify(context: Context, step: Step, restart: Restart): Step {
  const { service, now } = context;
  const warmUpSeconds = restart.step.warmUpSeconds ?? service.restart.warmUpSeconds;
  const verifySeconds = restart.step.verifyTimeoutSeconds ?? service.restart.verifyTimeoutSeconds;
  // By another's clock a look before the change may be later than the change is by this one: it has been counted.
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

/**
 * An act failed, or the verification did: back to what was before, where that is known and something was changed. Where the
 * step was not sent, only the hook before it is undone. `isInDoubt`: the restart may have been sent, and nobody came to
 * find out.
 */
export function actFailed(
  context: Context,
  state: State,
  restart: Restart,
  failed: { reason: string; output?: string | undefined; jitter: number; isInDoubt?: boolean },
): Step {
  const { kind } = currentAct(restart);
  const code = codeOf(kind);
  const reason = code === undefined ? failed.reason : `${code} ${kind} failed: ${failed.reason}`;
  const hasChanged = restart.restartHandle !== undefined || failed.isInDoubt;
  // Its step was not taken, so it counts for no budget; but people must know that what was done before it still stands.
  if (restart.held !== undefined)
    return failRestart(context, unchanged(takeBack(state)), restart, {
      ...failed,
      health: 'degraded',
      reason: `held: ${restart.held}; the hook after it failed: ${failed.reason}`,
    });
  if (restart.phase === 'recovering')
    return failRestart(context, unchanged(state), restart, {
      ...failed,
      reason: `${restart.failure}; ${isUndoing(restart) ? 'the hook after it' : 'taking it back'} failed too: ${failed.reason}`,
    });
  const undoing = undoingAct(restart);
  const way = hasChanged ? restart.recovery : undoing ? [undoing] : [];
  const [first] = way;
  if (!first) return failRestart(context, unchanged(state), restart, { ...failed, reason });
  const recovering: Restart = {
    ...restart,
    acts: way,
    actIndex: 0,
    failure: reason,
    failedAct: kind,
    output: failed.output,
  };
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
