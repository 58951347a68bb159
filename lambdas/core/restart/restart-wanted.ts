// Whether a restart is still wanted, asked right before each act that cannot be undone: the first one, the step itself,
// which hooks and draining may have delayed by minutes, and every act of the way back. And what becomes of one that is
// not.
import type { Surroundings } from '../model/fleet.ts';
import type { Restart, State } from '../model/state.ts';
import { type Context, type Step, strikeOff, unchanged } from '../model/step.ts';
import { failRestart } from './restart-endings.ts';
import { heldBack } from './restart-guards.ts';
import { isOrder } from './restart-order.ts';
import { currentAct, isTakenBack, isUndoing } from './restart-plan.ts';
import { undoCancelled, undoHeld } from './restart-undo.ts';

/** Whether nothing at all was begun: it can still be withdrawn as if it had never been ordered. */
export const isFresh = ({ phase, actIndex, begunAt }: Restart): boolean =>
  phase === 'preparing' && actIndex === 0 && begunAt === undefined;

/** Whether the step itself is next, and was not begun: a refusal still holds it. */
export const isBeforeStep = (restart: Restart): boolean =>
  isFresh(restart) || (restart.begunAt === undefined && currentAct(restart).kind === 'restart');

/**
 * Whether an act of the way back is next. Undoing only a hook does not count, because no guard may stop that: the service
 * would stay out of rotation.
 */
const isWayBack = (restart: Restart): boolean =>
  restart.phase === 'recovering' && !isUndoing(restart) && restart.begunAt === undefined;

/**
 * Why the next act of an automatic restart is not wanted any more; undefined when it still is. A restart that a person
 * asked for always is, and an act that may have been sent is carried on.
 */
export function changeOfMind(
  { service, now }: Context,
  state: State,
  restart: Restart,
  around: Surroundings,
): string | undefined {
  if (restart.trigger !== 'automatic' || !(isBeforeStep(restart) || isWayBack(restart))) return undefined;
  if (service.restart.mode !== 'on') return `automatic restarts were switched ${service.restart.mode}`;
  const held = heldBack(state, around, now);
  if (held !== undefined || isWayBack(restart)) return held;
  const { last } = state;
  const answersAgain = last && last.beat > restart.orderedAt && (last.verdict === 'up' || last.verdict === 'slow');
  return answersAgain ? 'it answers again' : undefined;
}

/**
 * A restart that was begun and never sent is checked like one that is about to begin: in the minutes between, a person
 * may have paused the service or cancelled the restart, or the service may have recovered. The same state if it is
 * still wanted.
 */
export function stillWanted(
  context: Context,
  state: State,
  restart: Restart,
  { fleet }: Readonly<{ fleet: Surroundings }>,
  jitter: number,
): Step {
  if (isTakenBack(restart)) return undoCancelled(context, unchanged(strikeOff(state, isOrder)), restart);
  const unbegun: Restart = { ...restart, begunAt: undefined };
  const change = changeOfMind(context, state, unbegun, fleet);
  return change === undefined ? unchanged(state) : stopRestart(context, state, unbegun, change, jitter);
}

/**
 * It goes no further: it is held if its step was not sent; if it was, and would have been rolled back, it has failed.
 */
export function stopRestart(context: Context, state: State, restart: Restart, reason: string, jitter: number): Step {
  if (isWayBack(restart))
    return failRestart(context, unchanged(state), restart, {
      reason: `${restart.failure}; it was not taken back: ${reason}`,
      jitter,
    });
  return undoHeld(context, state, restart, reason, jitter);
}
