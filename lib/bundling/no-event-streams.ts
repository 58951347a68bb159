// Takes the place of the SDK's event streams in a bundle: no operation of ours has one, and 20 kB would serve nothing.

/** What the SDK would make to read or write a stream of events; that nobody does. */
export class EventStreamSerde {
  constructor() {
    throw new TypeError('event streams are left out of this bundle; see docs/adr/005-bundles.md');
  }
}
