// Intents that go to people (or the timeline) and to the event bus, of which one of the two did not take its half. What
// the bus does not take must not fill the item of its service: after a day, or behind many others, it is given up.
import type { ServiceEvent } from '../model/events.ts';
import type { Intent } from '../model/intents.ts';
import type { State } from '../model/state.ts';

/** For so long EventBridge itself tries to deliver, ms: what the bus did not take until then is given up. */
export const BUS_PATIENCE_MS = 86_400_000;
/** So many of one service wait for the bus, each of 6 kB at the most: an item may have 400 kB. */
const MOST_WAITING = 30;

type HalfDone = Extract<ServiceEvent, { kind: 'half_done' }>;

/** The same state when all of it was noted already. What is not among its intents any more was given up. */
export function takeHalf(state: State, { half, intentIds }: HalfDone, now: number): State {
  let waiting = state.intents.filter((intent) => intent.half === 'told' && !intentIds.includes(intent.id)).length;
  const after = state.intents.flatMap((intent): Intent[] => {
    if (!intentIds.includes(intent.id)) return [intent];
    if (half === 'on_bus') return [intent.half === half ? intent : { ...intent, half }];
    if (now - intent.at >= BUS_PATIENCE_MS || waiting >= MOST_WAITING) return [];
    waiting += 1;
    return [intent.half === half ? intent : { ...intent, half }];
  });
  const isSame = after.length === state.intents.length && after.every((intent, at) => intent === state.intents[at]);
  return isSame ? state : { ...state, intents: after };
}
