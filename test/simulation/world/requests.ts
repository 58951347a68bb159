// Requests under way in a service that is about to be restarted, and their counting. For each restart it is drawn
// whether they end soon, never end, or cannot be counted.
import type { RequestCounter } from '../../../lambdas/ports/prober.ts';
import type { Random } from '../engine/random.ts';
import type { Invocation } from './invocation.ts';
import type { SimService } from './sim-service.ts';
import type { World } from './world.ts';

const LONGEST_MS = 90_000;
/** `endsAt` is epoch ms of the world: Infinity if they never end. */
type Traffic = Readonly<{ restartId: string; isCountable: boolean; endsAt: number }>;

export class Requests {
  readonly #traffic = new Map<SimService, Traffic>();
  readonly #world: World;
  readonly #random: Random;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  /** The counter of one invocation of the prober; a failed count is unknown, as with the real one. */
  seenBy(invocation: Invocation): RequestCounter {
    return {
      count: async ({ activeRequestsUrl }, _correlationId, signal) => {
        const active = await invocation
          .call(signal, false, () => this.#countAt(activeRequestsUrl))
          .catch(() => undefined);
        invocation.memory.counted = { active };
        return active;
      },
    };
  }

  #countAt(url: string): number | undefined {
    const { services, table, engine } = this.#world;
    const service = services.find(({ key }) => url.includes(`//${key.id}.`));
    const restartId = service && table.itemOf(service.key)?.stored.state.restart?.id;
    if (!service || restartId === undefined) return undefined;
    const { isCountable, endsAt } = this.#trafficOf(service, restartId);
    return isCountable ? Math.max(0, Math.ceil((endsAt - engine.now) / 5_000)) : undefined;
  }

  #trafficOf(service: SimService, restartId: string): Traffic {
    const known = this.#traffic.get(service);
    if (known?.restartId === restartId) return known;
    const random = this.#random;
    const endsAt = random.chance(0.25) ? Infinity : this.#world.engine.now + random.next() ** 2 * LONGEST_MS;
    const traffic = { restartId, isCountable: random.chance(0.8), endsAt };
    this.#traffic.set(service, traffic);
    return traffic;
  }
}
