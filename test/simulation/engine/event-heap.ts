// The events to come, earliest first; events of the same time happen in the order in which they were scheduled.

type Planned = Readonly<{ at: number; order: number; run: () => void; isStirring: boolean }>;

const isBefore = (a: Planned, b: Planned): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

export class EventHeap {
  readonly #heap: Planned[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** When the next event is due; infinity if there is none. */
  get nextAt(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  /** `isStirring`: it may settle promises, so these must come to rest before the next event. */
  push(at: number, run: () => void, isStirring: boolean): void {
    const heap = this.#heap;
    const planned = { at, order: (this.#order += 1), run, isStirring };
    let index = heap.push(planned) - 1;
    while (index > 0) {
      const up = (index - 1) >> 1;
      const parent = heap[up];
      if (!parent || isBefore(parent, planned)) break;
      heap[index] = parent;
      index = up;
    }
    heap[index] = planned;
  }

  pop(): Planned | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (!first || !last || first === last) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let least = heap[child];
      const right = heap[child + 1];
      if (least && right && isBefore(right, least)) {
        least = right;
        child += 1;
      }
      if (!least || isBefore(last, least)) break;
      heap[index] = least;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}
