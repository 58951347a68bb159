// What happens when a service is down: a restart is ordered, or the reason why not is noted.
import type { Probed } from '../model/events.ts';
import { type Context, type Step, withState } from '../model/step.ts';
import { judgeRestart, WAITING } from '../restart/restart-guards.ts';
import { orderRestart, wasRefused } from '../restart/restart-order.ts';
import { withAlert, withHeld, withRecord } from './incident.ts';
import { wordsFor } from './seen.ts';

/** The service is unhealthy and was seen down again: restart it, or note why not. */
export function seekRestart(context: Context, step: Step, event: Probed): Step {
  const judged = judgeRestart(context, step.state, event.fleet);
  switch (judged.kind) {
    case 'go':
      return orderRestart(context, step, {
        ...judged.rung,
        trigger: 'automatic',
        by: 'lamplighter',
        reason: wordsFor(event.observation),
        force: false,
      });
    case 'off':
      return { ...step, state: withHeld(step.state, judged.reason) };
    case 'held':
      if (judged.reason !== WAITING) return heldWithRecord(context, step, judged.reason, 'restart_held');
      // Why the last order was held says more than that the next one waits.
      return wasRefused(step.state) ? step : { ...step, state: withHeld(step.state, WAITING) };
    case 'observe':
      return heldWithRecord(context, observed(context, step), judged.reason, 'restart_observed');
    case 'hands_off':
      return judged.isNews
        ? limitReached(context, step, judged.reason)
        : { ...step, state: withHeld(step.state, judged.reason) };
  }
}

/** Counts the incident, once, for observe mode's score. */
function observed({ now }: Context, step: Step): Step {
  const { incident, observed: score } = step.state;
  if (!incident || incident.wouldAt !== undefined) return step;
  return withState(step, { incident: { ...incident, wouldAt: now }, observed: { ...score, would: score.would + 1 } });
}

/** Notes the reason, and puts it into the timeline when it is a new one. */
function heldWithRecord(context: Context, step: Step, reason: string, kind: 'restart_held' | 'restart_observed'): Step {
  const state = withHeld(step.state, reason);
  if (state === step.state) return step;
  return withRecord(context, { ...step, state }, { kind, level: 'warning', message: reason, action: 'none' });
}

/** The budget is used up: one critical alert, and hands off. */
function limitReached(context: Context, step: Step, reason: string): Step {
  const held = withHeld(step.state, reason);
  const off = withState(
    { ...step, state: held },
    // If the outage was held back as part of a larger one, this alert reports it.
    { incident: held.incident && { ...held.incident, handsOff: 'limit', untold: undefined } },
  );
  const message = `It is down, and ${reason}. Somebody must look at it.`;
  const recorded = withRecord(context, off, {
    kind: 'limit_exceeded',
    level: 'critical',
    message,
    failureType: 'restart_limit_exceeded',
    action: 'none',
  });
  return withAlert(context, recorded, {
    kind: 'restart_limit_exceeded',
    level: 'critical',
    failureType: 'restart_limit_exceeded',
    message,
  });
}
