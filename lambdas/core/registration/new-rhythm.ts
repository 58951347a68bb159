// Whether a service is to report itself from now on in a way in which it did not before.
import { type Registration, toService } from '../model/service.ts';

/** Seconds in which a heartbeat must come; undefined where none is expected. */
function rhythmOf(document: Registration): number | undefined {
  const { probe } = toService(document);
  return probe.kind === 'heartbeat' ? probe.intervalSeconds + probe.graceSeconds : undefined;
}

/**
 * Whether the first heartbeat is expected anew: none was asked for so far, or more seldom. What it did before says nothing
 * then, and it must not be called down for it. `before` is undefined where that is not known.
 */
export function hasNewRhythm(before: Registration | undefined, after: Registration): boolean {
  const wanted = rhythmOf(after);
  const known = before && rhythmOf(before);
  return wanted !== undefined && (known === undefined || wanted < known);
}
