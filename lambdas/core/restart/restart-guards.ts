// May this service be restarted now, and by which step? The order of the questions is rule 3 of docs/architecture.md.
import { failedDependency, type Surroundings } from '../model/fleet.ts';
import type { Service } from '../model/service.ts';
import { isPaused, type Restart, type State } from '../model/state.ts';
import type { Context } from '../model/step.ts';
import { restartsInWindow } from './backoff.ts';

/** The only reason that goes away by itself within minutes. */
export const WAITING = 'waiting before the next restart';

export type Rung = Pick<Restart, 'step' | 'stepIndex'>;
/**
 * The next rung of the ladder: one further with each restart of the incident; the last one repeats. Rungs that cannot
 * heal what was seen are passed over.
 */
export function nextRung({ restart: { steps } }: Service, { incident, last }: State): Rung | undefined {
  const rungs = steps
    .map((step, stepIndex) => ({ step, stepIndex }))
    .filter(({ step: { when } }) => !when || !last || last.verdict !== 'down' || when.causes.includes(last.cause));
  return rungs[Math.min(incident?.restarts ?? 0, rungs.length - 1)];
}

/** Why no restart may begin, whatever the service itself allows: the guards that change with what is around it. */
export function heldBack(state: State, around: Surroundings, now: number): string | undefined {
  if (!around.restartsOn) return 'automatic restarts are off for the fleet';
  if (isPaused(state, now)) return `it is paused by ${state.paused?.by}`;
  const dependency = failedDependency(around);
  if (dependency) return `it depends on ${dependency.service}, which is down`;
  return around.storm;
}

export type Judgement =
  | { kind: 'go'; rung: Rung }
  /** Restarts are not wanted: say so and leave it. */
  | { kind: 'off'; reason: string }
  /** All guards allow a restart, but the mode only observes. */
  | { kind: 'observe'; reason: string }
  /** Not now; asked again at the next beat. */
  | { kind: 'held'; reason: string }
  /** A person must look at it; `isNews` when nobody was told yet. */
  | { kind: 'hands_off'; reason: string; isNews: boolean };

/** Judges an automatic restart of a service that is unhealthy and has just been seen down again. */
export function judgeRestart({ service, now }: Context, state: State, around: Surroundings): Judgement {
  const { mode, maxRestarts, windowSeconds } = service.restart;
  const rung = nextRung(service, state);
  if (mode === 'off') return { kind: 'off', reason: 'automatic restarts are off for this service' };
  if (!rung && (mode === 'on' || service.restart.steps.length > 0))
    return {
      kind: 'off',
      reason:
        service.restart.steps.length > 0 ? 'no restart step is for what was seen' : 'no restart steps are registered',
    };
  const held = heldBack(state, around, now);
  if (held !== undefined) return { kind: 'held', reason: held };
  if (state.incident?.handsOff === 'cancelled')
    return { kind: 'hands_off', reason: 'a person cancelled the restart', isNews: false };
  if (state.incident?.handsOff === 'limit' || restartsInWindow(service.restart, state.restartTimes, now) >= maxRestarts)
    return {
      kind: 'hands_off',
      reason: `the limit of ${maxRestarts} restarts in ${windowSeconds} s is used up`,
      isNews: state.incident?.handsOff !== 'limit',
    };
  // Without any step only observe mode gets here.
  if (mode === 'observe' || !rung) return { kind: 'observe', reason: 'observe mode: it would have been restarted now' };
  if (now < state.backoffUntil) return { kind: 'held', reason: WAITING };
  return { kind: 'go', rung };
}
