// Everything in the table but the services' items: the fleet's counts and switch, targets, and the audit log. The fakes
// keep them as the real stores do; here the weather affects their calls.
import type { ShardCount } from '../../../lambdas/contract/messages.ts';
import { type GroupPlace, noWindows, type Windows } from '../../../lambdas/core/alerts/group.ts';
import { noStorms, type Storms } from '../../../lambdas/core/health/storm.ts';
import type { FleetControl } from '../../../lambdas/core/model/fleet.ts';
import type { AlertWindows } from '../../../lambdas/ports/alerts.ts';
import type { FleetStore, StormStore } from '../../../lambdas/ports/fleet-store.ts';
import type { TargetIndex } from '../../../lambdas/ports/service-store.ts';
import type { AuditLog } from '../../../lambdas/ports/timeline.ts';
import { fakeStores } from '../../fakes/fake-stores.ts';
import type { Invocation } from './invocation.ts';

const { signal } = new AbortController();
/** As the fakes name it. */
const nameOf = ({ tenant, project }: GroupPlace): string => `${tenant}#${project ?? ''}`;

export class FleetTable {
  readonly #stores = fakeStores(1);
  readonly #noting: StormStore = {
    ...this.#stores.storms,
    save: async (next, signal) => {
      const isSaved = await this.#stores.storms.save(next, signal);
      if (!isSaved) return false;
      this.storms = next;
      for (const { group, lastSeenAt } of next.storms)
        this.#stormsSeenAt.set(group, Math.max(this.stormSeenAt([group]), lastSeenAt));
      return true;
    },
  };
  readonly #collecting: AlertWindows = {
    ...this.#stores.windows,
    // The stored object itself: core never changes its data, so it need not be copied at every read.
    read: (place) => Promise.resolve(this.windows.get(nameOf(place)) ?? noWindows),
    save: async (place, windows, signal) => {
      const isSaved = await this.#stores.windows.save(place, windows, signal);
      if (isSaved) this.windows.set(nameOf(place), windows);
      return isSaved;
    },
    add: async (place, entry, signal) => {
      const isAdded = await this.#stores.windows.add(place, entry, signal);
      this.windows.set(nameOf(place), await this.#stores.windows.read(place, signal));
      return isAdded;
    },
  };
  /** Alerts that wait to be sent together, by project. */
  readonly windows = new Map<string, Windows>();
  /** What is noted about storms. */
  storms: Storms = noStorms;
  /** When a storm was last seen in each group, epoch ms by the clock of the invocation that saw it. */
  readonly #stormsSeenAt = new Map<string, number>();

  counts(): Promise<readonly ShardCount[]> {
    return this.#stores.fleet.counts(signal);
  }

  /** When a storm was last seen in any of these groups. */
  stormSeenAt(groups: readonly string[]): number {
    return Math.max(...groups.map((group) => this.#stormsSeenAt.get(group) ?? -Infinity));
  }

  /** Whether this alert waits in a window, or is being sent with others. */
  isWaiting(key: string): boolean {
    return [...this.windows.values()].some(({ group, quiet, leaving }) =>
      [group, quiet, leaving].some((window) => window?.held[key] !== undefined),
    );
  }

  async switchTo(control: FleetControl): Promise<void> {
    await this.#stores.fleet.saveControl(control, signal);
  }

  seenBy(invocation: Invocation): FleetStore {
    const { memory } = invocation;
    const fleet = invocation.exposed(this.#stores.fleet, ['control', 'counts', 'count', 'overview', 'slots']);
    return {
      ...fleet,
      control: async (cut) => (memory.control = await fleet.control(cut)),
      overview: (cut) => {
        memory.seenAtCensus = new Map(memory.seen);
        return fleet.overview(cut);
      },
    };
  }

  stormsSeenBy(invocation: Invocation): StormStore {
    return invocation.exposed(this.#noting, ['read']);
  }

  windowsSeenBy(invocation: Invocation): AlertWindows {
    return invocation.exposed(this.#collecting, ['read', 'all']);
  }

  targetsSeenBy(invocation: Invocation): TargetIndex {
    return invocation.exposed(this.#stores.targets, ['services']);
  }

  auditSeenBy(invocation: Invocation): AuditLog {
    return invocation.exposed(this.#stores.audit, ['entries']);
  }
}
