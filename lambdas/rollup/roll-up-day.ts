// Rolls up a day that is over: a row for each service, each project and the fleet, from the hours of every shard.
import { joined, rollDay, type Sums, sumsOf } from '../core/numbers/roll-day.ts';
import { HOUR_MS, NAMELESS } from '../core/numbers/roll-hour.ts';
import type { Stretch } from '../core/numbers/service-facts.ts';
import { eachOf, keyOfName, saveSums, timelinesOf } from './many.ts';
import type { RollUpPorts } from './roll-up-hours.ts';

export async function rollUpDay(day: Stretch, ports: RollUpPorts, signal: AbortSignal): Promise<void> {
  const counts = await ports.fleet.counts(signal);
  const timelines = await timelinesOf(day, ports, signal);
  const sums: Sums[] = [];
  for (const { shard } of counts) {
    const found = await ports.rollups.hours(shard, { from: day.from - HOUR_MS, before: day.before }, signal);
    const rolled = rollDay(day, found, timelines);
    await eachOf(
      rolled.filter(({ name }) => name !== NAMELESS),
      ({ name, roll }) =>
        ports.rollups.save(
          { kind: 'service', ...keyOfName(name) },
          'DAY',
          day.from,
          roll,
          day.from + ports.rollupsKeptMs,
          signal,
        ),
    );
    sums.push(sumsOf(rolled));
  }
  await saveSums(joined(sums), 'DAY', day.from, ports, signal);
}
