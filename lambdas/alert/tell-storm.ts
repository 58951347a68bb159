// What is owed to people of a storm: that it is there, and that it is over. Claimed before it is published and struck
// off after SNS has taken it; a death in between publishes again under the same deduplication key.
import type { StormMessage } from '../contract/messages.ts';
import { metricNames } from '../contract/metrics.ts';
import type { Place } from '../core/alerts/notice.ts';
import { buildStormNotice } from '../core/alerts/storm-notice.ts';
import { claimed, newsOwed, type OwedNews, type Storm, type Storms, told } from '../core/health/storm.ts';
import type { AlertSink, Clock, Metrics, StormStore } from '../ports.ts';
import { CLAIM_MS } from './tell-ports.ts';

export type TellStormPorts = Readonly<{
  storms: StormStore;
  sink: AlertSink;
  clock: Clock;
  metrics: Metrics;
  place?: Place | undefined;
}>;

export async function tellStorm(message: StormMessage, ports: TellStormPorts, signal: AbortSignal): Promise<void> {
  const owed = await claim(message, ports, signal);
  if (!owed) return; // told already: this delivery is a second one
  const { storm, news } = owed;
  await ports.sink.publish(buildStormNotice(storm, news, ports.place), signal);
  ports.metrics.count(news === 'storm' ? metricNames.alertsCritical : metricNames.alertsInfo);
  await change((storms) => told(storms, storm.id, news, ports.clock.now()), ports, signal);
  if (news === 'storm') await tellStorm(message, ports, signal); // it may be over already
}

/** Two deliveries at once must not both publish. */
async function claim(
  { stormId }: StormMessage,
  ports: TellStormPorts,
  signal: AbortSignal,
): Promise<{ storm: Storm; news: OwedNews } | undefined> {
  const until = ports.clock.now() + CLAIM_MS;
  const ours = (storms: Storms) => storms.storms.find(({ id }) => id === stormId);
  const written = await change(
    (known) => {
      const storm = ours(known);
      if (!storm || !newsOwed(storm)) return undefined;
      if (ports.clock.now() < (storm.claimedUntil ?? 0))
        throw new Error(`storm ${stormId} is being told of by another invocation; it comes again`);
      return claimed(known, stormId, until);
    },
    ports,
    signal,
  );
  const storm = written && ours(written);
  const news = storm && newsOwed(storm);
  return news && { storm, news };
}

/** Races lost in a row after which the work is left to a later delivery. */
const ATTEMPTS = 10;

/** What was written; `undefined` when there was nothing to write. */
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
