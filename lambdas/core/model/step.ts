// How a step of the reducer is put together: the state so far, what must follow from it, and perhaps a refusal.
import type { Intent } from './intents.ts';
import { bounded } from './pending.ts';
import type { Service } from './service.ts';
import type { State } from './state.ts';

export type RefusalCode =
  'RESTART_001' | 'RESTART_002' | 'RESTART_LIMIT' | 'NO_RESTART_STEPS' | 'NO_RELOAD' | 'NO_INCIDENT';
type Refusal = Readonly<{ code: RefusalCode; message: string }>;

/** `intents` are those to hand over now; all that are pending stand in the state. */
export type Step = Readonly<{ state: State; intents: readonly Intent[]; refusal?: Refusal }>;
export type Context = Readonly<{ service: Service; now: number }>;

export const unchanged = (state: State): Step => ({ state, intents: [] });
export const refused = (state: State, code: RefusalCode, message: string): Step => ({
  state,
  intents: [],
  refusal: { code, message },
});

export const withState = (step: Step, change: Partial<State>): Step => ({
  ...step,
  state: { ...step.state, ...change },
});

/** Distributes over the union, so that each kind keeps its own fields. */
type Body<I> = I extends Intent ? Omit<I, 'id' | 'at' | 'handedAt' | 'claimedUntil' | 'half'> : never;
export type IntentBody = Body<Intent>;

/** Adds an intent to the state and to what is to be handed over. */
export function withIntent({ now }: Context, step: Step, body: IntentBody): Step {
  const intent: Intent = { ...body, id: `i${String(step.state.sequence).padStart(6, '0')}`, at: now, handedAt: now };
  return {
    ...step,
    state: { ...step.state, sequence: step.state.sequence + 1, intents: bounded([...step.state.intents, intent]) },
    intents: [...step.intents, intent],
  };
}

/** Strikes intents off; the same state object when none of them was pending. */
export function strikeOff(state: State, isDone: (intent: Intent) => boolean): State {
  if (state.intents.length === 0) return state;
  const left = state.intents.filter((intent) => !isDone(intent));
  return left.length === state.intents.length ? state : { ...state, intents: left };
}
