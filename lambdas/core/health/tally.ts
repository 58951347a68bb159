// Counters of verdicts in a row and in the window, and the health that they lead to.
import type { Health } from '../model/conditions.ts';
import type { Probed } from '../model/events.ts';
import type { Observation } from '../model/observation.ts';
import type { Service } from '../model/service.ts';
import type { State } from '../model/state.ts';

/** Healthy, with nothing counted: a further `up` moves no counter. */
export const isSteady = ({ health, downs, slows, ups, answers }: State): boolean =>
  health === 'healthy' && downs + slows + ups + answers === 0;

/** The counters after this verdict, capped where a higher count changes nothing; `isNew` when they moved. */
export function tally(
  { policy, probe }: Service,
  state: State,
  { beat, observation }: Probed,
): { state: State; isNew: boolean } {
  const { verdict } = observation;
  const isAnswer = verdict !== 'down';
  const isWell = state.health === 'healthy' && verdict === 'up';
  const windowStart = beat - policy.window.of * probe.intervalSeconds * 1000;
  const oldDowns = state.downBeats.filter((at) => at > windowStart);
  const downs = isAnswer ? 0 : state.downs + 1;
  const slows = verdict === 'slow' ? Math.min(state.slows + 1, policy.failureThreshold) : 0;
  const ups = verdict === 'up' && !isWell ? Math.min(state.ups + 1, policy.successThreshold) : 0;
  const answers = isAnswer && !isWell ? Math.min(state.answers + 1, policy.successThreshold) : 0;
  const isNew = downs !== state.downs || slows !== state.slows || ups !== state.ups || answers !== state.answers;
  return {
    isNew,
    // Named one by one: to spread a second object over the first costs several times as much.
    state: {
      ...state,
      downs,
      slows,
      ups,
      answers,
      // Old downs go when something is written anyway: forgetting them is not worth a write.
      downBeats: isAnswer ? oldDowns : [...oldDowns, beat].slice(-policy.window.of),
      failingSince: isAnswer ? undefined : (state.failingSince ?? beat),
      lastBeat: beat,
      last: { beat, ...observation },
      incident: state.incident && {
        ...state.incident,
        answersSince: isAnswer ? (state.incident.answersSince ?? beat) : undefined,
      },
    },
  };
}

export type Settled = Exclude<Health, 'pending'>;

/** The health that the counters lead to; `undefined` when they are not enough to decide. */
export function healthAfter({ policy }: Service, state: State, { verdict }: Observation): Settled | undefined {
  const { health, downs, slows, ups, answers, downBeats } = state;
  if (verdict === 'down') {
    const isFailing = downs >= policy.failureThreshold || downBeats.length >= policy.window.failures;
    return isFailing ? 'unhealthy' : undefined;
  }
  if (ups >= policy.successThreshold) return 'healthy';
  if (health === 'unhealthy') return answers >= policy.successThreshold ? 'degraded' : undefined;
  return slows >= policy.failureThreshold ? 'degraded' : undefined;
}
