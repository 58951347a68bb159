// Virtual time. It jumps from event to event; between two events every promise that can settle has settled, so a run
// depends on nothing but its seed.
import { Digest } from './digest.ts';
import { EventHeap } from './event-heap.ts';

/** How many events until the event loop is turned, because a turn costs more than a usual event. */
const TURN_EVERY = 1_000;

export class Engine {
  /** Epoch ms of the world; functions have clocks of their own, which may be off. */
  now: number;
  readonly digest = new Digest();
  readonly #heap = new EventHeap();
  #events = 0;
  #isStopped = false;

  constructor(start: number) {
    this.now = start;
  }

  get events(): number {
    return this.#events;
  }

  /** Schedules something that only changes the world. */
  at(time: number, run: () => void): void {
    this.#heap.push(Math.max(time, this.now), run, false);
  }

  /** Schedules something that makes code go on: an invocation begins, or an answer arrives. */
  stirAt(time: number, run: () => void): void {
    this.#heap.push(Math.max(time, this.now), run, true);
  }

  /** Resolves at that time of the world. */
  until(time: number): Promise<void> {
    return new Promise((resolve) => this.stirAt(time, resolve));
  }

  /** No further events are played. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Plays everything before `end`. */
  async play(end: number): Promise<void> {
    // A tick waits for promises only if a promise's callback asked for it; the caller of this may not be one.
    await Promise.resolve();
    while (!this.#isStopped && this.#heap.nextAt < end) {
      const event = this.#heap.pop();
      if (!event) break;
      this.now = event.at;
      this.#events += 1;
      this.digest.add(event.at);
      event.run();
      if (event.isStirring) await (this.#events % TURN_EVERY === 0 ? turn() : rest());
    }
    if (!this.#isStopped) this.now = end;
  }
}

/** Resolves when no promise is left that could settle without a further event: ticks wait for all of them. */
const rest = () => new Promise<void>((resolve) => void process.nextTick(resolve));
/** The same, but it also turns the event loop: else memory that Node frees only then would pile up in long runs. */
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));
