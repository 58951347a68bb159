// May this service be restarted now, and by which step? The order of the questions is rule 3 of docs/architecture.md.
import { restartsInWindow } from './backoff.ts';
import type { FleetControl } from './fleet.ts';
import type { Service } from './service.ts';
import type { Restart, State } from './state.ts';
import type { Context } from './step.ts';

/** The one reason that passes by itself within minutes. */
export const WAITING = 'waiting before the next restart';

export type Rung = Pick<Restart, 'step' | 'stepIndex'>;
/** The next rung of the ladder: one further with each restart of the incident; the last one repeats. */
export function nextRung({ restart: { steps } }: Service, { incident }: State): Rung | undefined {
  const stepIndex = Math.min(incident?.restarts ?? 0, steps.length - 1);
  const step = steps[stepIndex];
  return step && { step, stepIndex };
}

export type Judgement =
  | { kind: 'go'; rung: Rung }
  /** Restarts are not wanted: say so and leave it. */
  | { kind: 'off'; reason: string }
  /** Everything speaks for a restart, but the mode is to say so only. */
  | { kind: 'observe'; reason: string }
  /** Not now; asked again at the next beat. */
  | { kind: 'held'; reason: string }
  /** A person must look at it; `isNews` when nobody was told yet. */
  | { kind: 'hands_off'; reason: string; isNews: boolean };

/** Judges an automatic restart of a service that is unhealthy and has just been seen down again. */
export function judgeRestart({ service, now }: Context, state: State, fleet: FleetControl): Judgement {
  const { mode, maxRestarts, windowSeconds } = service.restart;
  const rung = nextRung(service, state);
  if (mode === 'off') return { kind: 'off', reason: 'automatic restarts are off for this service' };
  if (mode === 'on' && !rung) return { kind: 'off', reason: 'no restart steps are registered' };
  if (!fleet.restartsOn) return { kind: 'held', reason: 'automatic restarts are off for the fleet' };
  if (state.incident?.handsOff === 'cancelled')
    return { kind: 'hands_off', reason: 'a person cancelled the restart', isNews: false };
  if (state.incident?.handsOff === 'limit' || restartsInWindow(service.restart, state.restartTimes, now) >= maxRestarts)
    return {
      kind: 'hands_off',
      reason: `the limit of ${maxRestarts} restarts in ${windowSeconds} s is used up`,
      isNews: state.incident?.handsOff !== 'limit',
    };
  // Without a step only observe mode gets here.
  if (mode === 'observe' || !rung) return { kind: 'observe', reason: 'observe mode: it would have been restarted now' };
  if (now < state.backoffUntil) return { kind: 'held', reason: WAITING };
  return { kind: 'go', rung };
}
