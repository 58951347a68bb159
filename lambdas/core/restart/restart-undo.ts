// A restart that stops before its step was sent, because a guard holds it or a person cancels it. What its `before`
// hook did, or may have done, is undone by its `after` hook; only then is the restart over.
import { withRecord } from '../health/incident.ts';
import type { Cancelled } from '../model/events.ts';
import type { Act, Restart, State } from '../model/state.ts';
import { type Context, type Step, strikeOff, unchanged } from '../model/step.ts';
import { because, cancelRestart, holdRestart } from './restart-endings.ts';
import { enterAct } from './restart-enter.ts';
import { describe, isOrder } from './restart-order.ts';
import { type CancelledRestart, currentAct, undoingAct } from './restart-plan.ts';

/** Its step must not be sent: it is held, at once or when what was done before is undone. */
export function undoHeld(context: Context, state: State, restart: Restart, reason: string, jitter: number): Step {
  const undoing = undoingAct(restart);
  if (!undoing) return holdRestart(context, unchanged(state), restart, reason, jitter);
  return undo(context, unchanged(state), { ...restart, held: reason }, { undoing, why: `held: ${reason}` });
}

type TakenBack = Pick<Cancelled, 'by' | 'reason'>;

/**
 * A person cancels a restart that is still being prepared. If nothing needs undoing, it is over at once, whatever is
 * under way on a host. Otherwise an act that was begun runs to its end first: what undoes the hook must not overtake
 * it. Cancelling twice is the same as once.
 */
export function takeBackByPerson(context: Context, state: State, restart: Restart, { by, reason }: TakenBack): Step {
  if (restart.cancelledBy !== undefined) return unchanged(state);
  const cancelled: CancelledRestart = { ...restart, cancelledBy: by, cancelReason: reason };
  const isBegun = restart.begunAt !== undefined;
  const undoing = undoingAct(isBegun ? { ...restart, actIndex: restart.actIndex + 1 } : restart);
  if (!undoing) return cancelRestart(context, unchanged(state), cancelled);
  if (!isBegun) return undoCancelled(context, unchanged(state), cancelled);
  return withRecord(context, unchanged({ ...state, restart: cancelled }), {
    kind: 'restart_recovering',
    level: 'warning',
    message: `${describe(restart)} is cancelled by ${by}${because(cancelled)}. Its ${actOf(restart)} is under way and goes on to its end.`,
    restartId: restart.id,
    action: 'none',
  });
}

const actOf = (restart: Restart): string => {
  const { kind } = currentAct(restart);
  return kind === 'before' ? 'before hook' : kind;
};

/**
 * A person has cancelled it, and no act is under way any more. Acts before the present one were done, or may have been.
 */
export function undoCancelled(context: Context, step: Step, restart: CancelledRestart): Step {
  const undoing = undoingAct(restart);
  if (!undoing) return cancelRestart(context, step, restart);
  return undo(context, step, restart, { undoing, why: `cancelled by ${restart.cancelledBy}${because(restart)}` });
}

function undo(
  context: Context,
  step: Step,
  restart: Restart,
  { undoing, why }: Readonly<{ undoing: Act; why: string }>,
): Step {
  const recorded = withRecord(
    context,
    { ...step, state: strikeOff(step.state, isOrder) },
    {
      kind: 'restart_recovering',
      level: 'warning',
      message: `${describe(restart)} is ${why}. What was done before it is undone.`,
      restartId: restart.id,
      action: 'none',
    },
  );
  return enterAct(context, recorded, { ...restart, acts: [undoing], actIndex: 0, recovery: [] }, undoing);
}
