// When the world has been quiet for long, everything has come to rest: services are healthy, nothing is pending,
// nothing is under way, and steady services are no longer written.
import type { Invariant } from './invariant.ts';
import { running } from './invariant.ts';

export const settles: Invariant = {
  name: 'all settles when the world is quiet',
  onEnd(watched, check, { table, counts, engine }) {
    const { service } = watched;
    const stored = table.itemOf(service.key)?.stored;
    if (!stored) return check(false, () => 'its item has gone');
    const { state, service: spec } = stored;
    const quietMs = engine.now - service.wellSince;
    check(state.health === 'healthy', () => `it is ${state.health} ${quietMs} ms after all was well`);
    check(state.incident === undefined, () => `${state.incident?.id} is still open`);
    check(state.intents.length === 0, () => `still pending: ${state.intents.map(({ kind }) => kind).join(' ')}`);
    check(running(state) === undefined, () => `${state.restart?.id} is still ${state.restart?.phase}`);
    const steadyMs = 5 * spec.probe.intervalSeconds * 1000;
    check(watched.lastWriteAt < engine.now - steadyMs, () => 'it is steady, and it was written');
    const count = counts.find(({ shard }) => shard === service.shard);
    const there = table.shards[service.shard]?.filter(
      ({ stored: { state: each } }) => each.health === 'unhealthy',
    ).length;
    check(count?.unhealthy === there, () => `shard ${service.shard} counts ${count?.unhealthy} unhealthy of ${there}`);
  },
};
