// Tells people the news of a storm: that it began, and that it is over. News is claimed before it is published and
// struck off after SNS has taken it; a death in between publishes it again under the same deduplication key. The event
// bus is told after people, or when they could not be told; which of the two is still owed is noted with the storm, and
// comes again.
import type { StormMessage } from '../contract/messages.ts';
import { metricNames } from '../contract/metrics.ts';
import type { Place } from '../core/alerts/notice.ts';
import { buildStormNotice, stormDocument } from '../core/alerts/storm-notice.ts';
import { alertEntry } from '../core/bus/entries.ts';
import { BUS_PATIENCE_MS } from '../core/health/half-done.ts';
import { claimed, heard, isOwed, type News, newsOwed, type Storm, type Storms, told } from '../core/health/storm.ts';
import type { AlertSink, EventBus } from '../ports/alerts.ts';
import type { StormStore } from '../ports/fleet-store.ts';
import type { Clock, Log, Metrics } from '../ports/process.ts';
import { CLAIM_MS } from './tell-ports.ts';

export type TellStormPorts = Readonly<{
  storms: StormStore;
  sink: AlertSink;
  clock: Clock;
  metrics: Metrics;
  log: Log;
  /** Without it, only people are told. */
  bus?: EventBus | undefined;
  place?: Place | undefined;
}>;

export async function tellStorm(message: StormMessage, ports: TellStormPorts, signal: AbortSignal): Promise<void> {
  const storm = await claim(message, ports, signal);
  if (!storm) return; // told already: this delivery is a second one
  const news = newsOwed(storm);
  const untold = news && (await tellPeople(storm, news, ports, signal));
  const due = [...(storm.busOwed ?? []), ...(news && news !== storm.busHeard ? [news] : [])];
  const owed = await putOnBus(storm, due, ports, signal);
  if (untold) {
    const busHeard = owed.includes(news) ? undefined : news;
    const busOwed = owed.filter((one) => one !== news);
    if (ports.bus && owed.length < due.length)
      await change((storms) => heard(storms, storm.id, busHeard, busOwed), ports, signal);
    throw untold.fault;
  }
  const after = await change((storms) => told(storms, storm.id, news, ports.clock.now(), owed), ports, signal);
  if (news === 'storm') return await tellStorm(message, ports, signal); // it may be over already
  const isKept = after?.storms.some(({ id }) => id === storm.id);
  if (owed.length > 0 && !isKept) return givenUp(storm, ports, 'too many wait for the event bus');
  if (owed.length > 0) throw new Error(`the event bus was not told of ${storm.id}: ${owed.join(', ')} comes again`);
}

/** Tells people; returns why they could not be told, because the event bus does not wait for them. */
async function tellPeople(storm: Storm, news: News, ports: TellStormPorts, signal: AbortSignal) {
  try {
    await ports.sink.publish(buildStormNotice(storm, news, ports.place), signal);
    ports.metrics.count(news === 'storm' ? metricNames.alertsCritical : metricNames.alertsInfo);
    return undefined;
  } catch (fault) {
    return { fault };
  }
}

/** Returns the news that the bus did not take; none if there is no bus, or after so long that it is given up. */
async function putOnBus(storm: Storm, all: readonly News[], ports: TellStormPorts, signal: AbortSignal) {
  if (!ports.bus || all.length === 0) return [];
  const entries = all.map((news) => alertEntry(stormDocument(storm, news, ports.place)));
  const refused = await ports.bus.put(entries, signal);
  const owed = all.filter((_, index) => refused.some(({ key }) => key === entries[index]?.key));
  if (owed.length === 0 || ports.clock.now() - (storm.endedAt ?? storm.lastSeenAt) < BUS_PATIENCE_MS) return owed;
  givenUp(storm, ports, refused[0]?.reason);
  return [];
}

const givenUp = ({ id }: Storm, { log }: TellStormPorts, reason: string | undefined): void =>
  log.error('given up: the event bus is not told of a storm', { stormId: id, reason });

/** Two deliveries at once must not both publish. */
async function claim(
  { stormId }: StormMessage,
  ports: TellStormPorts,
  signal: AbortSignal,
): Promise<Storm | undefined> {
  const until = ports.clock.now() + CLAIM_MS;
  const ours = (storms: Storms) => storms.storms.find(({ id }) => id === stormId);
  const written = await change(
    (known) => {
      const storm = ours(known);
      if (!storm || !isOwed(storm)) return undefined;
      if (ports.clock.now() < (storm.claimedUntil ?? 0))
        throw new Error(`storm ${stormId} is being told of by another invocation; it comes again`);
      return claimed(known, stormId, until);
    },
    ports,
    signal,
  );
  const storm = written && ours(written);
  return storm && isOwed(storm) ? storm : undefined;
}

/** Races lost in a row after which the work is left to a later delivery. */
const ATTEMPTS = 10;

/** Returns what was written; `undefined` when there was nothing to write. */
async function change(
  by: (storms: Storms) => Storms | undefined,
  { storms }: TellStormPorts,
  signal: AbortSignal,
): Promise<Storms | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const next = by(await storms.read(signal));
    if (!next || (await storms.save(next, signal))) return next;
  }
  throw new Error(`the storms changed ${ATTEMPTS} times while one was being told of`);
}
