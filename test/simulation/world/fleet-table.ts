// Everything in the table but the services' items: the fleet's counts and switch, targets, and the audit. The fakes keep
// them as the real stores do; here their calls are exposed to the weather.
import type { ShardCount } from '../../../lambdas/contract/messages.ts';
import { noStorms, type Storms } from '../../../lambdas/core/health/storm.ts';
import type { FleetControl } from '../../../lambdas/core/model/fleet.ts';
import type { AuditLog, FleetStore, StormStore, TargetIndex } from '../../../lambdas/ports.ts';
import { fakeStores } from '../../fakes/fake-stores.ts';
import type { Invocation } from './invocation.ts';

const { signal } = new AbortController();

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
  /** What is noted of storms. */
  storms: Storms = noStorms;
  /** When a storm was last seen in each group, epoch ms by the clock of whoever saw it. */
  readonly #stormsSeenAt = new Map<string, number>();

  counts(): Promise<readonly ShardCount[]> {
    return this.#stores.fleet.counts(signal);
  }

  /** When a storm was last seen in any of these groups. */
  stormSeenAt(groups: readonly string[]): number {
    return Math.max(...groups.map((group) => this.#stormsSeenAt.get(group) ?? -Infinity));
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

  targetsSeenBy(invocation: Invocation): TargetIndex {
    return invocation.exposed(this.#stores.targets, ['services']);
  }

  auditSeenBy(invocation: Invocation): AuditLog {
    return invocation.exposed(this.#stores.audit, ['entries']);
  }
}
