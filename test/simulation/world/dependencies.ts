// The true dependencies: when a service goes down it takes down all that need it, at once and all the way up, and when
// it comes back they come back with it. Some do not recover by themselves: those only a restart heals.
import type { Random } from '../engine/random.ts';
import { HOUR_MS } from './clocks.ts';
import { type Density, drawDensity, drawEdges, drawNeeds, type Edge } from './draw-dependencies.ts';
import type { Ailment, SimService } from './sim-service.ts';
import type { World } from './world.ts';

const TAKEN_DOWN = { verdict: 'down', cause: 'wrong_status', isHealedByRestart: false } as const;
const LOST: Ailment = {
  kind: 'does not find back to what it stands on',
  verdict: 'down',
  cause: 'wrong_status',
  isHealedByRestart: true,
};

export class Dependencies {
  readonly #world: World;
  readonly #random: Random;
  readonly #density: Density;
  /** How often a dependent does not recover by itself; never, once the world is quiet. */
  #losing: number;
  readonly #followers = new Map<SimService, SimService[]>();

  /** Completes the documents of these, which must not be registered yet. */
  constructor(world: World, random: Random, drawn: readonly SimService[]) {
    this.#world = world;
    this.#random = random;
    this.#density = drawDensity(random);
    this.#losing = random.pick([0, 0.1, 0.4]);
    for (const service of drawn) {
      const dependsOn = this.#drawFor(service);
      service.document = { ...service.document, dependsOn };
      for (const needed of drawNeeds(random, dependsOn, this.#earlierThan(service)))
        this.#followers.set(needed, [...this.followersOf(needed), service]);
    }
    for (const service of drawn) this.#follow(service);
  }

  /** Its direct dependents, which go down with it. */
  followersOf(service: SimService): readonly SimService[] {
    return this.#followers.get(service) ?? [];
  }

  /** The service, and all that go down with it. */
  allWith(service: SimService, found = new Set<SimService>()): ReadonlySet<SimService> {
    found.add(service);
    for (const follower of this.followersOf(service)) if (!found.has(follower)) this.allWith(follower, found);
    return found;
  }

  /** What a replacing registration says about dependencies: mostly the same. */
  drawAnew(service: SimService): Readonly<{ dependsOn: unknown }> {
    return this.#random.chance(0.7)
      ? { dependsOn: service.document['dependsOn'] }
      : { dependsOn: this.#drawFor(service) };
  }

  /** From now on all recover by themselves. */
  areMended(): void {
    this.#losing = 0;
  }

  #drawFor(service: SimService): Edge[] {
    return drawEdges(this.#random, this.#density, this.#earlierThan(service));
  }

  #earlierThan({ index, key }: SimService): SimService[] {
    return this.#world.services.slice(0, index).filter((other) => other.key.tenant === key.tenant);
  }

  /** Its dependents are ill as long as it is down. */
  #follow(service: SimService): void {
    const ailment: Ailment = { kind: `${service.key.id} is down`, ...TAKEN_DOWN };
    let wasDown = false;
    service.onChange = () => {
      const isDown = service.liveness.verdict === 'down';
      if (isDown === wasDown) return;
      wasDown = isDown;
      for (const follower of this.followersOf(service))
        if (isDown) follower.suffers(ailment);
        else this.#comesBack(follower, ailment);
    };
  }

  #comesBack(follower: SimService, ailment: Ailment): void {
    const { engine, stats } = this.#world;
    if (!follower.ailments.includes(ailment)) return;
    if (this.#random.chance(this.#losing) && !follower.ailments.includes(LOST)) {
      stats.injected('dependent does not find back');
      follower.suffers(LOST);
      const until = Math.round(engine.now + this.#random.between(0.5, 4) * HOUR_MS);
      engine.at(until, () => follower.isRidOf(LOST, engine.now));
    }
    follower.isRidOf(ailment, engine.now);
  }
}
