// Whether, when and how people are told that a service is down.
import type { Probed } from '../model/events.ts';
import { failedDependency } from '../model/fleet.ts';
import type { HeldReason } from '../model/noise.ts';
import { isPaused, runningRestart, type State } from '../model/state.ts';
import { type Context, type Step, withState } from '../model/step.ts';
import { WAITING } from '../restart/restart-guards.ts';
import { countOpening } from './flapping.ts';
import { withHeldBack } from './held-back.ts';
import { isLoud, withAlert } from './incident.ts';
import { failureTypeOf, wordsFor } from './seen.ts';

/**
 * Tells people that it is down, once it is theirs to know: what is part of a larger outage is told with that, and what
 * is paused is not told at all; both are told later if they are still down by then.
 */
export function tellOutage(context: Context, step: Step, event: Probed, isNews: boolean): Step {
  const { incident } = step.state;
  if (!isNews || !incident || incident.handsOff === 'limit') return step; // the critical alert says it all
  const why = whyUntold(context, step.state, event);
  if (why && incident.untold && incident.heldBy) return step;
  if (why) return withHeldBack(step, { ...incident, untold: true }, context.service.alerts.enabled ? why : 'off');
  const isHealing = runningRestart(step.state) !== undefined;
  const message = wordsFor(event.observation);
  const due = withState(step, { incident: { ...incident, untold: undefined } });
  return withAlert(context, opening(context, due, incident.openedAt), {
    kind: 'unhealthy',
    level: isHealing || incident.held === WAITING ? 'warning' : 'error',
    failureType: failureTypeOf(event.observation),
    message: isHealing ? `${message}. It is being restarted.` : `${message}. It is not restarted: ${incident.held}.`,
  });
}

/** Whether people are still to be told of an outage: it was put aside, or was one of the ups and downs of what flapped. */
export const isOwed = ({ incident, flapping }: State): boolean =>
  incident?.untold === true || (incident?.heldBy === 'flapping' && !flapping && incident.alerted.length === 0);

/** One more of those that make a service flap, for it is told for itself. */
export const opening = (context: Context, step: Step, openedAt: number): Step =>
  isLoud(context, step.state, 'warning') ? countOpening(context, step, openedAt) : step;

/** Why an outage is not told for itself now. */
function whyUntold({ now }: Context, state: State, { fleet }: Probed): HeldReason | undefined {
  if (isPaused(state, now)) return 'paused';
  if (failedDependency(fleet)) return 'folded';
  return fleet.storm === undefined ? undefined : 'storm';
}
