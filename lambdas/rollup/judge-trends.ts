// Early warning: every service is judged by its own past, once the hours of a run are rolled up. It may come late,
// twice, or end half-way: the windows of three hours overlap those of the runs before and after, and what is known is
// not told again.
import { nameOf } from '../core/numbers/roll-hour.ts';
import { trendNews } from '../core/trend/trend-news.ts';
import type { Window } from '../core/trend/window.ts';
import { hourWindows, quartersOf, stretchesFor } from '../core/trend/windows-of.ts';
import { changeKnown, type ChangePorts, leftToRounds } from '../flow/change-service.ts';
import type { FleetStore } from '../ports/fleet-store.ts';
import type { RollupStore } from '../ports/rollup-store.ts';
import { eachOf } from './many.ts';
import { rowsOf, type RowsPorts } from './rows-of.ts';

export type JudgePorts = RowsPorts &
  Omit<ChangePorts, 'outbox'> &
  Readonly<{ fleet: Pick<FleetStore, 'counts'>; rollups: Pick<RollupStore, 'hours'> }>;

/** `before`: epoch ms of the end of the newest hour that is rolled up. The rounds hand the alerts on. */
export async function judgeTrends(before: number, ports: JudgePorts, signal: AbortSignal): Promise<void> {
  for (const { shard } of await ports.fleet.counts(signal)) await judgeShard(shard, before, ports, signal);
}

async function judgeShard(shard: number, before: number, ports: JudgePorts, signal: AbortSignal): Promise<void> {
  const { recent, past } = stretchesFor(before);
  const { services } = await ports.services.readShard(shard, signal);
  const quarters = quartersOf(await rowsOf(shard, recent, ports, signal), recent);
  const days = new Map<string, Window[]>();
  await eachOf(past, async (stretch) => {
    for (const { hour, entries } of await ports.rollups.hours(shard, stretch, signal))
      for (const [name, window] of hourWindows(hour, entries)) days.set(name, [...(days.get(name) ?? []), window]);
  });
  const cause = { correlationId: `trends-${before}`, signal };
  await eachOf(services, async (stored) => {
    const { service, state } = stored;
    const usual = days.get(nameOf(service)) ?? [];
    const news = trendNews({ past: usual, recent: quarters(service), known: state.trend });
    if (news) await changeKnown(stored, [news], { ...ports, outbox: leftToRounds }, cause);
  });
}
