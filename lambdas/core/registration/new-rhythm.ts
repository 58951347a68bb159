// Whether a new registration expects heartbeats for the first time, or more often than before.
import { type Registration, toService } from '../model/service.ts';

/** Seconds in which a heartbeat must come; undefined where none is expected. */
function rhythmOf(document: Registration): number | undefined {
  const { probe } = toService(document);
  return probe.kind === 'heartbeat' ? probe.intervalSeconds + probe.graceSeconds : undefined;
}

/**
 * Whether the wait for the first heartbeat starts over, because none was expected so far, or less often. Then the time
 * before says nothing, and the service must not be called down for it. `before` is undefined where it is not known.
 */
export function hasNewRhythm(before: Registration | undefined, after: Registration): boolean {
  const wanted = rhythmOf(after);
  const known = before && rhythmOf(before);
  return wanted !== undefined && (known === undefined || wanted < known);
}
