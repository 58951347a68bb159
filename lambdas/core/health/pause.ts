// A pause: people take a service out of service on purpose, until somebody resumes it or the pause expires.
import type { Paused, Resumed } from '../model/events.ts';
import { isPaused, type State } from '../model/state.ts';
import { type Context, type Step, unchanged } from '../model/step.ts';
import { withRecord } from './incident.ts';

/** Pauses a service: it is still probed, but neither restarted nor alerted on. */
export function paused(context: Context, state: State, { by, reason, until }: Paused): Step {
  const known = state.paused;
  if (known && known.by === by && known.reason === reason && known.until === until) return unchanged(state);
  return withRecord(context, unchanged({ ...state, paused: { by, reason, until, at: context.now } }), {
    kind: 'paused',
    level: 'info',
    message: `paused by ${by}${reason === undefined ? '' : `: ${reason}`}`,
    action: 'none',
    ...(until !== undefined && { details: { until } }),
  });
}

export function resumed(context: Context, state: State, { by }: Resumed): Step {
  if (!state.paused) return unchanged(state);
  return withRecord(context, unchanged({ ...state, paused: undefined }), {
    kind: 'resumed',
    level: 'info',
    message: `resumed by ${by}`,
    action: 'none',
  });
}

/** When a pause has expired, records that before whatever the pause held back; the same state while it lasts. */
export function endPause(context: Context, state: State): Step {
  const { paused: pause } = state;
  if (!pause || isPaused(state, context.now)) return unchanged(state);
  return withRecord(context, unchanged({ ...state, paused: undefined }), {
    kind: 'resumed',
    level: 'info',
    message: `the pause by ${pause.by} is over`,
    action: 'none',
  });
}
