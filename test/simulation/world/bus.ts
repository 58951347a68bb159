// The event bus beside the topic. Its faults are drawn from a stream of their own: it refuses entries, some or all,
// takes them while the invocation that put them dies, or is unavailable for a while.
import type { BusEntry } from '../../../lambdas/core/bus/entries.ts';
import type { EventBus } from '../../../lambdas/ports/alerts.ts';
import type { Random } from '../engine/random.ts';
import { CALM } from './chaos.ts';
import type { Invocation } from './invocation.ts';
import type { World } from './world.ts';

/** How often a call goes wrong in bad weather. */
const OFTEN = 0.15;
const DEADLY = 0.03;
/** How long it is unavailable, now and then; ms. */
const AWAY_MS = [30_000, 300_000, 1_800_000] as const;

export class Bus {
  readonly #world: World;
  readonly #random: Random;
  #awayUntil = 0;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  seenBy(invocation: Invocation): EventBus {
    return { put: (entries) => this.#put(entries, invocation) };
  }

  async #put(entries: readonly BusEntry[], invocation: Invocation) {
    const { chaos, engine, observer, stats } = this.#world;
    const isBad = chaos.weather !== CALM;
    if (isBad && this.#random.chance(DEADLY / 3)) this.#awayUntil = engine.now + this.#random.pick(AWAY_MS);
    if (isBad && this.#random.chance(DEADLY)) return await this.#dies(invocation);
    const isAway = isBad && engine.now < this.#awayUntil;
    const refused = entries.filter(() => isAway || (isBad && this.#random.chance(OFTEN)));
    for (const entry of entries) if (!refused.includes(entry)) observer.onBus(entry);
    if (refused.length > 0) stats.injected('event bus refused');
    if (isBad && this.#random.chance(DEADLY)) return await this.#dies(invocation);
    return refused.map(({ key }) => ({ key, reason: 'ThrottlingException' }));
  }

  async #dies(invocation: Invocation): Promise<never> {
    this.#world.stats.injected('died at the event bus');
    invocation.die();
    return await new Promise<never>(() => undefined);
  }
}
