// An alert that is of no incident of the service's own, as of a trend, a full disk, flapping or a dependency.
import type { AlertBody } from '../model/intents.ts';
import { type Context, type Step, withIntent, withState } from '../model/step.ts';
import { oneMoreOwed } from './owed.ts';

/** What each of them says by itself; the rest is the same unless it says otherwise. */
type OutsideAlert = Omit<AlertBody, 'failureType' | 'restarts' | 'at'> & Partial<Pick<AlertBody, 'restarts'>>;

/** Tells people of it now, and counts it among what they were owed. Whether they want to hear of it is asked before. */
export function withOutsideAlert(context: Context, step: Step, alert: OutsideAlert): Step {
  const whole: AlertBody = { restarts: 0, ...alert, failureType: 'health_check_failed', at: context.now };
  return withState(withIntent(context, step, { kind: 'alert', alert: whole }), oneMoreOwed(step.state, alert.level));
}
