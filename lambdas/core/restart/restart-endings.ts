// How a restart ends: verified, failed, cancelled by a person, or held because it must not be.
import { followWithCascade } from '../dependencies/cascade.ts';
import { withTried } from '../health/alert-facts.ts';
import { warnOfDisks } from '../health/disk-warning.ts';
import { openIncident, withAlert, withHeld, withRecord } from '../health/incident.ts';
import type { Restart, State } from '../model/state.ts';
import { type Context, type Step, strikeOff, unchanged, withState } from '../model/step.ts';
import { backoffMs, restartsInWindow } from './backoff.ts';
import { describe, isOrder } from './restart-order.ts';
import type { CancelledRestart } from './restart-plan.ts';

/** How soon a held restart (a deployment is running, scaled to zero) is considered again. */
const HELD_AGAIN_MS = 60_000;

/**
 * Ends a restart that did not bring the service back. Its backoff begins; the next down after it orders the next step.
 * `health` is what becomes of a service that was well before: `unhealthy` where it may have been touched and does not
 * come back, `degraded` where nothing was done to it or nobody could look.
 */
export function failRestart(
  context: Context,
  step: Step,
  restart: Restart,
  {
    reason,
    output,
    health = 'unhealthy',
    jitter,
  }: { reason: string; output?: string | undefined; health?: 'unhealthy' | 'degraded'; jitter: number },
): Step {
  const message = `${describe(restart)} failed: ${reason}`;
  const failed: Restart = { ...restart, phase: 'failed', outcome: reason, output: output ?? restart.output };
  const ended = endRestart(context, step, failed, jitter);
  const wasFine = !ended.state.incident;
  const unwell = wasFine ? fallIll(context, ended, failed, message, health) : ended;
  const recorded = withRecord(context, unwell, {
    kind: 'restart_failed',
    level: 'error',
    message,
    restartId: restart.id,
    failureType: 'restart_failed',
    action: 'restart',
    actionResult: 'failed',
    details: { ...historyOf(failed, context.now), ...(wasFine && { health }) },
  });
  return withAlert(context, recorded, {
    kind: 'restart_failed',
    level: 'error',
    failureType: 'restart_failed',
    message,
  });
}

/**
 * The incident that a restart begins has it as what was tried first. One whose step was sent, or may have been, is its
 * first restart: the ladder goes on behind it.
 */
function fallIll(context: Context, step: Step, restart: Restart, message: string, health: State['health']): Step {
  const { now } = context;
  const opened = openIncident(context, step, 'restart_failed', message);
  const restarts = health === 'unhealthy' || restart.restartHandle !== undefined ? 1 : 0;
  const incident = withTried(opened.state.incident, restart, describe(restart), now);
  return withState(opened, { health, healthSince: now, incident: incident && { ...incident, restarts } });
}

/** Ends a restart after which the service was seen to work. */
export function completeRestart(context: Context, step: Step, restart: Restart, jitter: number): Step {
  const ended = endRestart(context, step, { ...restart, phase: 'completed', outcome: 'verified' }, jitter);
  return withRecord(context, ended, {
    kind: 'restart_completed',
    level: 'info',
    message: `${describe(restart)} verified`,
    restartId: restart.id,
    failureType: 'auto_restart',
    action: 'restart',
    actionResult: 'success',
    details: historyOf(restart, context.now),
  });
}

/** Ends a restart that a person has taken back before its step was sent. */
export function cancelRestart(context: Context, step: Step, restart: CancelledRestart): Step {
  const outcome = `cancelled by ${restart.cancelledBy}`;
  const left = { ...step, state: leaveToPeople(step.state) };
  const ended = endRestart(context, left, { ...restart, phase: 'cancelled', outcome }, 0);
  const failed = restart.failure === undefined ? '' : `; ${restart.failure}`;
  return withRecord(context, withState(ended, { backoffUntil: step.state.backoffUntil }), {
    kind: 'restart_cancelled',
    level: 'warning',
    message: `${describe(restart)} ${outcome}${because(restart)}${failed}`,
    restartId: restart.id,
    action: 'none',
    details: historyOf(restart, context.now),
  });
}

/** Why a person has taken it back, as far as that was said. */
export const because = ({ cancelReason }: CancelledRestart): string =>
  cancelReason === undefined ? '' : `: ${cancelReason}`;

/** Its step was not sent because it must not be: the order is taken back, and asked again after the backoff. */
export function holdRestart(context: Context, step: Step, restart: Restart, reason: string, jitter: number): Step {
  const { state } = step;
  const wasKnown = restart.trigger === 'automatic' && state.incident?.held === reason;
  const held: Step = { ...step, state: withHeld(takeBack(state), reason) };
  const over = endRestart(context, held, { ...restart, phase: 'cancelled', outcome: `held: ${reason}` }, 0);
  const ended = withState(over, { backoffUntil: context.now + HELD_AGAIN_MS * (1 + jitter / 10) });
  if (wasKnown) return ended;
  const isDown = state.last?.verdict === 'down' || state.last === undefined;
  const recorded = withRecord(context, ended, {
    kind: 'restart_held',
    level: 'error',
    message: `${describe(restart)} held: ${reason}`,
    restartId: restart.id,
    action: 'none',
    details: historyOf(restart, context.now),
  });
  if (!isDown) return recorded; // it answers again: there is nothing to tell
  return withAlert(context, recorded, {
    kind: 'restart_held',
    level: 'error',
    failureType: recorded.state.incident?.failureType,
    message: `It is down and is not restarted: ${reason}`,
  });
}

/**
 * The order is taken back by a person: it counts for no budget, and nothing is restarted by itself until a person acts
 * or the service recovers.
 */
function leaveToPeople(state: State): State {
  const back = takeBack(state);
  return { ...back, incident: back.incident && { ...back.incident, handsOff: 'cancelled' } };
}

/**
 * Ends a restart whose step was not sent, when the hook that should have undone the acts before it has failed too: what
 * they did is still in place. It does not count towards the budget, but people must know.
 */
export function failUndoing(
  context: Context,
  state: State,
  restart: Restart,
  failed: { reason: string; output?: string | undefined; jitter: number },
): Step {
  const { cancelledBy, held } = restart;
  const [back, why] =
    cancelledBy === undefined
      ? [takeBack(state), `held: ${held}`]
      : [leaveToPeople(state), `cancelled by ${cancelledBy}`];
  const reason = `${why}; the hook after it failed: ${failed.reason}`;
  return failRestart(context, unchanged(back), restart, { ...failed, health: 'degraded', reason });
}

/** Its order was the newest: there is never more than one restart under way. */
export const takeBack = (state: State): State => ({
  ...state,
  restartTimes: state.restartTimes.slice(0, -1),
  incident: state.incident && { ...state.incident, restarts: Math.max(0, state.incident.restarts - 1) },
});

function endRestart(context: Context, step: Step, restart: Restart, jitter: number): Step {
  const { service, now } = context;
  const left = strikeOff(step.state, (intent) => isOrder(intent) || intent.kind === 'probe');
  const tries = Math.max(1, restartsInWindow(service.restart, left.restartTimes, now));
  const ended = withState(
    { ...step, state: left },
    {
      restart: { ...restart, endedAt: now, leaseUntil: undefined },
      incident: withTried(left.incident, restart, describe(restart), now),
      backoffUntil: now + backoffMs(service.restart, tries, jitter),
      ...noRun(left),
    },
  );
  return followWithCascade(context, warnOfDisks(context, ended, restart), restart);
}

/** No run of verdicts continues past the end of a restart; how long a service has been down is kept for people. */
const noRun = ({ health, downs }: State): Partial<State> => ({
  ups: 0,
  answers: 0,
  slows: 0,
  downs: health === 'unhealthy' ? downs : 0,
  downBeats: [],
});

/**
 * What the history keeps of a finished restart, because the state holds only the last one. Times are epoch ms. The
 * handle is that of the step, or of the last act sent if the step was not. The output is already cut and free of
 * secrets.
 */
export function historyOf(restart: Restart, now: number): Record<string, string | number | boolean> {
  const { firstBegunAt, restartSentAt, output, cancelReason } = restart;
  const handle = restart.restartHandle ?? restart.handle;
  return {
    by: restart.by,
    reason: restart.reason,
    trigger: restart.trigger,
    mode: restart.mode,
    force: restart.force,
    step: restart.stepIndex + 1,
    kind: restart.step.kind,
    orderedAt: restart.orderedAt,
    ...(firstBegunAt !== undefined && { begunAt: firstBegunAt }),
    ...(restartSentAt !== undefined && { sentAt: restartSentAt }),
    durationMs: now - restart.orderedAt,
    ...(handle && { handle }),
    ...(cancelReason && { cancelReason }),
    ...(output && { output }),
  };
}
