// An outage that is part of a larger one, or of a paused service, is told together with that or not at all; and it is
// never lost: once nothing holds it back any more and the service is still down, people are told about it by an alert
// of its own.
import { MAX_SKEW_MS } from '../world/clocks.ts';
import type { World } from '../world/world.ts';
import type { Commit, Invariant } from './invariant.ts';
import { downKnown, isAnew, knownDependencies } from './known-dependencies.ts';
import { isHushed } from './watched.ts';

/** Longer than any invocation lives and any read lags behind, in ms. */
const STORM_FORGOTTEN_MS = 150_000;

const isStormy = ({ now, service }: Commit, { fleet, stormRules }: World): boolean =>
  now - fleet.stormSeenAt(service.groups.names) < stormRules.cooldownMs + STORM_FORGOTTEN_MS;

const isTold = ({ after, before }: Commit): boolean =>
  after.intents.some(
    (intent) =>
      intent.kind === 'alert' &&
      intent.alert.kind === 'unhealthy' &&
      before.intents.every(({ id }) => id !== intent.id),
  );

export const folded: Invariant = {
  name: 'alerts are folded, and never lost',
  onCommit(commit, check, world) {
    const { before, after, watched, spec, isCounted, verdict, now, wasRunning, ended } = commit;
    const edges = isTold(commit) || after.incident ? knownDependencies(commit, world) : [];
    if (isTold(commit)) {
      const down = downKnown(edges);
      check(down === undefined, () => `people are told of it, and not of ${down?.service} alone, which is down`);
    }
    const { incident, health, paused } = after;
    const isPaused = paused !== undefined && now < (paused.until ?? Infinity);
    if (isCounted && verdict === 'slow' && health === 'degraded' && before.incident?.id === incident?.id && !isPaused)
      check(incident?.untold !== true, () => `${incident?.id} is degraded, and is kept from people`);
    if (!isCounted || verdict !== 'down' || wasRunning || ended || health !== 'unhealthy' || !incident) return;
    const isOfOthers = edges.some(
      ({ essential, known, isAsked }) => essential && (known === 'down' || (known === 'unsure' && isAsked)),
    );
    if (isAnew(commit, world) || isPaused || isOfOthers || isStormy(commit, world) || incident.handsOff === 'limit')
      return;
    check(incident.untold !== true, () => `${incident.id} is kept from people, and nothing stands before it`);
    // An outage of a service that people know to be flapping is told once the flapping ends, or the outage lasts.
    const { incidents, windowMinutes } = spec.alerts.flapping;
    const isShort = incidents === 0 || now - incident.openedAt < (windowMinutes / incidents) * 60_000 + 2 * MAX_SKEW_MS;
    if (isShort && incident.heldBy === 'flapping' && (before.flapping || after.flapping)) return;
    // Settings that were changed meanwhile may have kept it from people; flapping is told as such.
    const isFlapping = isShort && (after.flapping !== undefined || before.flapping !== undefined);
    if (!isHushed(spec) && !watched.isHushed && !isFlapping)
      check(incident.alerted.length > 0, () => `${incident.id} goes on, and nobody was told of it`);
  },
};
