// An alert that belongs to no incident of the service, for example about a trend, a full disk, flapping or a
// dependency.
import type { AlertBody } from '../model/intents.ts';
import { type Context, type Step, withIntent, withState } from '../model/step.ts';
import { oneMoreOwed } from './owed.ts';

/** What each of them says by itself; the rest is the same unless it says otherwise. */
type OutsideAlert = Omit<AlertBody, 'failureType' | 'restarts' | 'at'> & Partial<Pick<AlertBody, 'restarts'>>;

/** Sends it now, and counts it among the alerts owed. The caller has asked whether people want it. */
export function withOutsideAlert(context: Context, step: Step, alert: OutsideAlert): Step {
  const whole: AlertBody = { restarts: 0, ...alert, failureType: 'health_check_failed', at: context.now };
  return withState(withIntent(context, step, { kind: 'alert', alert: whole }), oneMoreOwed(step.state, alert.level));
}
