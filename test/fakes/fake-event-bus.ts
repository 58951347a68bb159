// A bus that takes every entry and keeps it.
import type { BusEntry } from '../../lambdas/core/bus/entries.ts';
import type { EventBus } from '../../lambdas/ports/alerts.ts';

/** `refuse` may name entries that are not taken. */
export function fakeEventBus(refuse: (entry: BusEntry) => boolean = () => false): EventBus & {
  taken: BusEntry[];
  keys(): string[];
  calls: number;
} {
  const bus = {
    taken: [] as BusEntry[],
    calls: 0,
    keys: () => bus.taken.map(({ key }) => key),
    put: async (entries: readonly BusEntry[]) => {
      bus.calls += 1;
      bus.taken.push(...entries.filter((entry) => !refuse(entry)));
      return entries.filter(refuse).map(({ key }) => ({ key, reason: 'ThrottlingException' }));
    },
  };
  return bus;
}
