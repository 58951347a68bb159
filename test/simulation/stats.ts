// What a run counts. Plain numbers, so that workers can hand them over.

export type Counts = Record<string, number>;

export const addTo = (counts: Counts, name: string, value = 1): void =>
  void (counts[name] = (counts[name] ?? 0) + value);

export class Stats {
  readonly faults: Counts = {};
  readonly checks: Counts = {};
  readonly events: Counts = {};

  /** Counts something that went wrong on purpose. */
  injected(kind: string): void {
    addTo(this.faults, kind);
  }

  /** Counts something that Lamplighter did. */
  happened(kind: string, value = 1): void {
    addTo(this.events, kind, value);
  }
}
