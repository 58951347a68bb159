// Every field that a state may have, in one order. States that follow from one that has them all are of one shape to the
// engine, which makes everything that is done with them faster; a field that is undefined is one that is missing.
import { type State, stateSchema } from '../../../lambdas/core/model/state.ts';

export const unset = Object.fromEntries(
  Object.keys(stateSchema.shape).map((field) => [field, undefined]),
) as Partial<State>;
