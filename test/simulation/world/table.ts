// The table's items of services: conditional on the version, eventually consistent unless more was asked for, and now
// and then with an item that cannot be decoded. Nothing is copied, because core never changes its data.
import { type Registration, type Service, toService } from '../../../lambdas/core/model/service.ts';
import type { State } from '../../../lambdas/core/model/state.ts';
import { placedSteps } from '../../../lambdas/core/registration/check-acts.ts';
import type { ServiceKey, ServiceStore, Stored } from '../../../lambdas/ports/service-store.ts';
import type { Invocation } from './invocation.ts';
import type { SimService } from './sim-service.ts';
import { unset } from './unset-state.ts';
import type { World } from './world.ts';

export type Item = {
  readonly service: SimService;
  stored: Stored;
  /** What a read that lags behind still sees. */
  before: Stored;
  writtenAt: number;
  isPoisoned: boolean;
};

/** The store's error for an item that it cannot decode. */
class Undecodable extends Error {
  override readonly name = 'Undecodable';
  readonly isTransient = false;
}

export class Table {
  readonly items = new Map<string, Item>();
  readonly shards: Item[][];
  /** The same items by tenant and id: a joined name would have to be built and hashed at every read. */
  readonly #byTenant = new Map<string, Map<string, Item>>();
  readonly #world: World;

  constructor(world: World, shards: number) {
    this.#world = world;
    this.shards = Array.from({ length: shards }, () => []);
  }

  itemOf({ tenant, id }: ServiceKey): Item | undefined {
    return this.#byTenant.get(tenant)?.get(id);
  }

  /** The table as one invocation sees it. */
  seenBy(invocation: Invocation): ServiceStore {
    return {
      readShard: (shard, signal, consistency) =>
        invocation.call(signal, false, () => {
          const read = this.#readShard(shard, consistency === 'strong');
          invocation.memory.shardsRead.push(read.services);
          return read;
        }),
      read: (key, signal) => this.#read(key, invocation, signal),
      saveState: (stored, state, signal) => {
        const now = invocation.clock.now();
        return invocation.call(signal, true, () => this.#save(stored, state, now, invocation));
      },
      register: (document, fresh, now, signal) =>
        invocation.call(signal, true, () => this.#register(document, fresh, now)),
      remove: () => Promise.reject(new Error('no service is removed yet')),
      heartbeat: () => Promise.reject(new Error('no service reports itself yet')),
    };
  }

  async #read(key: ServiceKey, invocation: Invocation, signal: AbortSignal): Promise<Stored | undefined> {
    const { reads, unread } = invocation.memory;
    const name = `${key.tenant}#${key.id}`;
    try {
      return await invocation.call(signal, false, () => {
        const item = this.itemOf(key);
        if (item?.isPoisoned) throw new Undecodable(key.id);
        reads.set(name, [...(reads.get(name) ?? []), item?.stored.state]);
        return item?.stored;
      });
    } catch (error) {
      unread.add(name);
      throw error;
    }
  }

  #readShard(shard: number, isStrong: boolean) {
    const { engine, chaos } = this.#world;
    const { staleMs } = chaos.weather;
    const services: Stored[] = [];
    let faults = 0;
    for (const item of this.shards[shard] ?? []) {
      if (item.isPoisoned) faults += 1;
      else {
        const mayLag = !isStrong && engine.now - item.writtenAt < staleMs;
        services.push(mayLag && chaos.chance(0.5) ? item.before : item.stored);
      }
    }
    return { services, faults };
  }

  #save(read: Stored, state: State, now: number, invocation: Invocation): boolean {
    const item = this.itemOf(read.service);
    if (item?.stored.version !== read.version) return false;
    const before = item.stored.state;
    this.#write(item, { ...item.stored, state, version: read.version + 1 });
    this.#world.observer.committed({
      service: item.service,
      spec: read.service,
      before,
      after: state,
      now,
      invocation,
    });
    return true;
  }

  #register(document: Registration, fresh: State, now: number) {
    const { services, network, restarters, observer } = this.#world;
    const item = this.itemOf(document);
    const spec: Service = toService(document);
    const service = services.find(({ key }) => key.id === document.id && key.tenant === document.tenant);
    if (!service) throw new Error(`${document.id} is not of this world`);
    network.connect(spec, service);
    for (const { step } of placedSteps(spec.restart)) restarters.connect(step, service);
    service.registeredAt = this.#world.engine.now;
    if (item) {
      const before = item.stored.document;
      this.#write(item, { ...item.stored, document, service: spec, version: item.stored.version + 1 });
      return { outcome: 'replaced', before } as const;
    }
    const state = { ...unset, ...fresh };
    const stored: Stored = { document, service: spec, state, version: 0, registeredAt: now };
    const created: Item = { service, stored, before: stored, writtenAt: this.#world.engine.now, isPoisoned: false };
    this.items.set(`${document.tenant}#${document.id}`, created);
    const ofTenant = this.#byTenant.get(document.tenant) ?? new Map<string, Item>();
    this.#byTenant.set(document.tenant, ofTenant.set(document.id, created));
    this.shards[service.shard]?.push(created);
    observer.registered(service);
    return { outcome: 'created', before: undefined } as const;
  }

  #write(item: Item, stored: Stored): void {
    item.before = item.stored;
    item.stored = stored;
    item.writtenAt = this.#world.engine.now;
  }
}
