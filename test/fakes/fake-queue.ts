// A queue that delivers at least once: what is received and not done is seen again when its visibility ends.
import type { FakeClock } from './fake-clock.ts';

export type Message<T> = { body: T; visibleAt: number };

/** Longer than the leases and claims of those who receive from it, as it is in the stack. */
const VISIBILITY_MS = 60_000;

export class FakeQueue<T> {
  readonly messages: Message<T>[] = [];
  readonly #clock: FakeClock;
  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  send(body: T, delaySeconds = 0): void {
    this.messages.push({
      body: structuredClone(body),
      visibleAt: this.#clock.now() + Math.max(0, delaySeconds) * 1000,
    });
  }

  receive(): Message<T> | undefined {
    const message = this.messages.find(({ visibleAt }) => visibleAt <= this.#clock.now());
    if (message) message.visibleAt = this.#clock.now() + VISIBILITY_MS;
    return message;
  }

  done(message: Message<T>): void {
    const index = this.messages.indexOf(message);
    if (index >= 0) this.messages.splice(index, 1);
  }

  /** When the next message can be received; infinity when there is none. */
  nextAt(): number {
    return Math.min(...this.messages.map(({ visibleAt }) => visibleAt));
  }
}
