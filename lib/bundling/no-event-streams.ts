// Replaces the SDK's event streams in a bundle: no operation of ours has one, and 20 kB would serve nothing.

/** What the SDK would construct to read or write a stream of events, which never happens here. */
export class EventStreamSerde {
  constructor() {
    throw new TypeError('event streams are left out of this bundle; see docs/adr/005-bundles.md');
  }
}
