// The event bus gets every change of health and every alert, and nothing else. What is struck off has reached it; what
// it has not got is noted; and people are not told again because the bus was unavailable.
import type { Intent } from '../../../lambdas/core/model/intents.ts';
import type { Commit, Invariant } from './invariant.ts';

/** As in docs/adr/016. */
const GIVEN_UP_BEHIND = 30;

/** What the bus must get for an intent: the key of the alert, or the intent whose record reports a change. */
const busKey = (intent: Intent): string | undefined => {
  if (intent.kind === 'alert') return intent.alert.deduplicationKey;
  return intent.kind === 'record' && intent.change ? `change ${intent.id}` : undefined;
};

const madeIn = ({ before, after }: Commit): Intent[] =>
  after.intents.filter((intent) => !before.intents.some(({ id }) => id === intent.id));

export const eventBus: Invariant = {
  name: 'no alert and no state change is lost to the event bus',
  onCommit(commit, check) {
    const { watched, before, after, invocation } = commit;
    const made = madeIn(commit);
    const changes = made.flatMap((intent) => (intent.kind === 'record' && intent.change ? [intent.change] : []));
    if (before.health !== after.health) {
      check(
        changes.some(({ from }) => from === before.health) && changes.some(({ to }) => to === after.health),
        () => `${before.health} became ${after.health}, and no record says so to the event bus`,
      );
    }
    for (const intent of made) {
      const key = busKey(intent);
      if (key !== undefined) watched.busOwed.add(key);
    }
    const waiting = after.intents.filter(({ half }) => half === 'told').length;
    for (const was of before.intents) {
      const key = busKey(was);
      const is = after.intents.find(({ id }) => id === was.id);
      if (key === undefined || watched.onBus.has(key)) continue;
      // With this many waiting behind it, it is given up: the item of a service must not become too large to be
      // written.
      if (!is && waiting >= GIVEN_UP_BEHIND) watched.busOwed.delete(key);
      else
        check(
          is !== undefined && (is.half !== 'on_bus' || was.half === 'on_bus'),
          () => `#${invocation.id} strikes off ${key}, of which the event bus has not heard`,
        );
    }
  },
  onEnd({ busOwed, onBus }, check, { storms }) {
    for (const key of storms.told) check(storms.onBus.has(key), () => `${key} was never put on the event bus`);
    for (const key of busOwed) check(onBus.has(key), () => `${key} was never put on the event bus`);
    for (const key of onBus)
      check(busOwed.has(key), () => `${key} was put on the event bus, and nobody had decided it`);
  },
};
