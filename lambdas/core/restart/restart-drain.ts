// A restart that waits for requests in flight: what each count means, and how the wait ends. The prober counts.
import { withRecord } from '../health/incident.ts';
import type { Drained } from '../model/events.ts';
import { type Restart, runningRestart, type State } from '../model/state.ts';
import { type Context, type Step, strikeOff, unchanged } from '../model/step.ts';
import { nextAct } from './restart-acts.ts';
import { withLook } from './restart-order.ts';

/** How often requests under way are counted. */
const DRAIN_EVERY_MS = 2_000;

/** Requests under way were counted: none left, or no time left, and it goes on; else they are counted again. */
export function requestsCounted(context: Context, before: State, event: Drained): Step {
  const state = strikeOff(before, (intent) => intent.id === event.intentId);
  if (state === before) return unchanged(before); // counted already
  const restart = runningRestart(state);
  if (restart?.id !== event.restartId || restart.phase !== 'waiting_requests') return unchanged(state);
  const counted: Restart = { ...restart, activeRequests: event.active, touchedAt: context.now };
  if (event.active === 0) return goOn(context, state, counted, event.jitter);
  if (context.now >= restart.deadlineAt) return unchanged(state); // the tick that comes with every count ends it
  return withLook(context, unchanged({ ...state, restart: counted }), context.now + DRAIN_EVERY_MS);
}

/** The time for draining is over. Requests that are still in flight are no failure, but the timeline records them. */
export const waitedEnough = (context: Context, state: State, restart: Restart, jitter: number): Step =>
  goOn(
    context,
    strikeOff(state, ({ kind }) => kind === 'probe'),
    restart,
    jitter,
  );

function goOn(context: Context, state: State, restart: Restart, jitter: number): Step {
  const { activeRequests } = restart;
  const recorded = withRecord(context, unchanged(state), {
    kind: 'restart_act_done',
    level: activeRequests === 0 ? 'info' : 'warning',
    message: `drain: ${endOf(activeRequests)}`,
    restartId: restart.id,
    action: 'restart',
    actionResult: 'pending',
    ...(activeRequests !== undefined && { details: { activeRequests } }),
  });
  return nextAct(context, recorded, restart, '', jitter);
}

function endOf(active: number | undefined): string {
  if (active === undefined) return 'time is up; how many requests are under way is not known';
  return active === 0 ? 'no request is under way' : `time is up; requests still under way: ${active}`;
}
