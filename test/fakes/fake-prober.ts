// A prober that answers as it is told, and keeps what it was asked.
import type { Observation } from '../../lambdas/core/model/observation.ts';
import type { Prober, ProbeTarget } from '../../lambdas/ports/prober.ts';

export const up: Observation = { verdict: 'up', cause: 'none', latencyMs: 12 };
export const slow: Observation = { verdict: 'slow', cause: 'too_slow', latencyMs: 900, message: 'took 900 ms' };
export const down: Observation = { verdict: 'down', cause: 'refused', message: 'the port is closed' };
export const unknown: Observation = { verdict: 'unknown', cause: 'own_trouble', message: 'cut off' };

type Answer = (target: ProbeTarget, signal: AbortSignal) => Observation | Promise<Observation>;

export function fakeProber(answer: Answer): Prober & { asked: ProbeTarget[] } {
  const asked: ProbeTarget[] = [];
  return {
    asked,
    probe: async (target, signal) => {
      asked.push(target);
      return await answer(target, signal);
    },
  };
}

/** Gives these one after the other, and the last one ever after. */
export function inTurn(...observations: Observation[]): Answer {
  let index = 0;
  return () => observations[Math.min(index++, observations.length - 1)] ?? unknown;
}
