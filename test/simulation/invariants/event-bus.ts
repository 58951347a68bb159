// The event bus hears of every change of health and of every alert, and of nothing else. What is struck off it has; what it
// has not is noted; and nobody is told again because it was away.
import type { Intent } from '../../../lambdas/core/model/intents.ts';
import type { Commit, Invariant } from './invariant.ts';

/** As docs/adr/016 has it. */
const GIVEN_UP_BEHIND = 30;

/** What the bus is to hear of an intent: the key of the alert, or the intent whose record tells of a change. */
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
      // Behind so many it is given up: the item of a service must not become too large to be written.
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
