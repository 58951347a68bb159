// The scheduler: a tick per minute, some of which never come, come twice or come late; it tries three times at most.
import { MINUTE_MS } from './clocks.ts';
import { runSchedule } from './functions.ts';
import type { World } from './world.ts';

const LATE_MS = 600_000;
const TRIES = 3;

export class Rounds {
  /** While this is above zero no tick comes. */
  stops = 0;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** From the next whole minute on. */
  begin(): void {
    const { engine } = this.#world;
    this.#plan(Math.ceil((engine.now + 1) / MINUTE_MS) * MINUTE_MS);
  }

  #plan(minute: number): void {
    this.#world.engine.stirAt(minute, () => {
      this.#plan(minute + MINUTE_MS);
      this.#tick(minute);
    });
  }

  #tick(minute: number): void {
    const { chaos, stats } = this.#world;
    const { skipRound, doubleRound, lateRound } = chaos.weather;
    if (this.stops > 0 || chaos.chance(skipRound)) return stats.injected('round skipped');
    if (!chaos.chance(lateRound)) this.#fire(minute, 0, TRIES);
    else {
      stats.injected('round late');
      this.#fire(minute, chaos.upTo(LATE_MS), TRIES);
    }
    if (!chaos.chance(doubleRound)) return;
    stats.injected('round doubled');
    this.#fire(minute, chaos.upTo(MINUTE_MS), TRIES);
  }

  #fire(minute: number, delayMs: number, tries: number): void {
    const { engine } = this.#world;
    const run = () =>
      this.#world.invoke(
        'schedule',
        (invocation) => runSchedule(this.#world, minute, invocation),
        (isDone) => {
          if (!isDone && tries > 1) this.#fire(minute, MINUTE_MS, tries - 1);
        },
      );
    if (delayMs === 0) run();
    else engine.stirAt(engine.now + delayMs, run);
  }
}
