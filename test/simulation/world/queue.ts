// A standard queue: delivers at least once, sometimes twice, late and out of order; a message that is not done when its
// visibility timeout ends comes again; after too many tries it goes to the dead-letter queue.
import type { Invocation } from './invocation.ts';
import type { World } from './world.ts';

const RETENTION_MS = 12 * 3_600_000;
const LONGEST_DELAY_SECONDS = 900;
const LATE_MS = 180_000;
/** The second delivery comes right beside the first, or much later. */
const BESIDE_MS = 3_000;
const LATER_MS = 600_000;

type Message<T> = { readonly body: T; readonly sentAt: number; receives: number; isDone: boolean };
export type QueueLimits = Readonly<{ name: 'probe' | 'restart' | 'alert'; visibilityMs: number; tries: number }>;

export class Queue<T> {
  /** Messages that are neither done nor dead. */
  waiting = 0;
  deadLetters = 0;
  /** The most by which each message comes late, in ms: a backlog, which also shuffles them. */
  backlogMs = 0;
  readonly #world: World;
  readonly #limits: QueueLimits;
  readonly #run: (body: T, invocation: Invocation) => Promise<void>;

  constructor(world: World, limits: QueueLimits, run: (body: T, invocation: Invocation) => Promise<void>) {
    this.#world = world;
    this.#limits = limits;
    this.#run = run;
  }

  send(body: T, delaySeconds = 0): void {
    const { engine, chaos } = this.#world;
    const message: Message<T> = { body, sentAt: engine.now, receives: 0, isDone: false };
    const delayMs = Math.min(LONGEST_DELAY_SECONDS, Math.max(0, Math.ceil(delaySeconds))) * 1000;
    const { late, double } = chaos.weather;
    // Orders and alerts are few, and matter most.
    const often = this.#limits.name === 'probe' ? 1 : 4;
    const arrivesAt =
      engine.now +
      delayMs +
      10 +
      chaos.upTo(90) +
      (chaos.chance(often * late) ? chaos.upTo(LATE_MS) : 0) +
      chaos.upTo(this.backlogMs);
    this.waiting += 1;
    engine.stirAt(arrivesAt, () => this.#deliver(message));
    if (chaos.chance(often * double)) {
      this.#world.stats.injected('message doubled');
      engine.stirAt(arrivesAt + chaos.upTo(chaos.chance(0.6) ? BESIDE_MS : LATER_MS), () =>
        this.#invoke(message, () => undefined),
      );
    }
  }

  #deliver(message: Message<T>): void {
    const { engine, chaos } = this.#world;
    if (message.isDone) return;
    message.receives += 1;
    if (message.receives > this.#limits.tries || engine.now - message.sentAt > RETENTION_MS) {
      this.#end(message);
      this.deadLetters += 1;
      this.#world.stats.injected('dead letter');
      return;
    }
    const visibleAt = engine.now + this.#limits.visibilityMs;
    const again = () => engine.stirAt(visibleAt, () => this.#deliver(message));
    this.#invoke(message, (isDone) => {
      if (!isDone) return again();
      if (!chaos.chance(chaos.weather.undeleted)) return this.#end(message);
      this.#world.stats.injected('message not deleted');
      again();
    });
  }

  #invoke(message: Message<T>, ended: (isDone: boolean) => void): void {
    this.#world.invoke(this.#limits.name, (invocation) => this.#run(message.body, invocation), ended);
  }

  #end(message: Message<T>): void {
    if (!message.isDone) this.waiting -= 1;
    message.isDone = true;
  }
}
