// Intents that go both to people (or the timeline) and to the event bus, when only one of the two took its half. What
// the bus does not take must not fill the item of its service: after a day, or behind many others, it is given up.
import type { ServiceEvent } from '../model/events.ts';
import type { Intent } from '../model/intents.ts';
import type { State } from '../model/state.ts';

/** As long as EventBridge itself tries to deliver, ms: what the bus has not taken by then is given up. */
export const BUS_PATIENCE_MS = 86_400_000;
/** How many intents of one service may wait for the bus, at most 6 kB each: an item may have 400 kB. */
const MOST_WAITING = 30;

type HalfDone = Extract<ServiceEvent, { kind: 'half_done' }>;

/** The same state when all of it was noted already. Intents that are no longer in the state were given up. */
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
