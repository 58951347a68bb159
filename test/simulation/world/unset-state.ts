// Every field that a state may have, in one order. States derived from one that has them all have the same shape for
// the JavaScript engine, which makes all work on them faster; a field that is undefined equals a missing one.
import { type State, stateSchema } from '../../../lambdas/core/model/state.ts';

export const unset = Object.fromEntries(
  Object.keys(stateSchema.shape).map((field) => [field, undefined]),
) as Partial<State>;
