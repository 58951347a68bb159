// How a restart enters its next act, forwards or on the way back: with its own times, its own lease, its own order.
import { withRecord } from '../health/incident.ts';
import type { Act, Restart } from '../model/state.ts';
import { type Context, type Step, withIntent, withState } from '../model/step.ts';
import { ORDER_TIMEOUT_MS, withLook } from './restart-order.ts';
import { phaseIn } from './restart-plan.ts';

const DRAIN_SECONDS = 30;

/**
 * Makes the act the present one, not yet begun. Requests in flight are counted by the prober; any other act is ordered.
 */
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
