// A pack: read its shards, look at every service of this prober's that is due, advance each one, and write one packed
// row per shard.
import type { CountedShard, PackMessage, ShardCount } from '../contract/messages.ts';
import { metricNames } from '../contract/metrics.ts';
import type { Network } from '../contract/networks.ts';
import { isAtRest } from '../core/health/advance.ts';
import { censusMark, isFailing, takeCensus } from '../core/health/storm.ts';
import type { ServiceEvent } from '../core/model/events.ts';
import { freshFleet } from '../core/model/fleet.ts';
import type { Observation } from '../core/model/observation.ts';
import type { State } from '../core/model/state.ts';
import { isDue } from '../core/rounds/due.ts';
import { type PackedResult, packResults } from '../core/rounds/packed-row.ts';
import { asLookedAt, keeperOf } from '../core/rounds/shard-count.ts';
import { type ChangePorts, changeService } from '../flow/change-service.ts';
import { type AroundPorts, lookAround, type OwnLooks } from '../flow/surroundings.ts';
import type { FleetStore } from '../ports/fleet-store.ts';
import type { Prober, RequestCounter } from '../ports/prober.ts';
import type { Jitter, Metrics } from '../ports/process.ts';
import type { Stored } from '../ports/service-store.ts';
import type { ResultStore } from '../ports/timeline.ts';
import { lookAtDependencies } from './dependency-looks.ts';
import { inFlight } from './in-flight.ts';
import { isOurs, lookFrom, type Place, probersBeside } from './ours.ts';

export type ProbePorts = ChangePorts &
  AroundPorts &
  Place &
  Readonly<{
    fleet: FleetStore;
    results: ResultStore;
    prober: Prober;
    requests: RequestCounter;
    metrics: Metrics;
    jitter: Jitter;
    maxInFlight: number;
    retentionMs: number;
  }>;

type Shard = {
  known: ShardCount;
  services: readonly Stored[];
  /** Items that could not be decoded. */
  faults: number;
  /** Those of the services that this prober looks at. */
  ours: readonly Stored[];
  /** Those of them that are due at this beat. */
  due: ReadonlySet<Stored>;
  results: PackedResult[];
  /** Of those that are not as they were read. */
  states: Map<Stored, State>;
};

/** What was seen down: it waits until everything was looked at, so that the storm guard knows of all that fails. */
type Down = Readonly<{ shard: Shard; stored: Stored; observation: Observation }>;

/** How long it may take, once the invocation has been cut off, to count what was seen down, and then to write the rows. */
const SETTLING_MS = 200;
const CLOSING_MS = 500;
/** A pack that was cut off ends its work all the same, for which its own signal would leave no time. */
const lastMoment = (signal: AbortSignal, ms: number) => (signal.aborted ? AbortSignal.timeout(ms) : signal);

export async function probePack(pack: PackMessage, ports: ProbePorts, signal: AbortSignal): Promise<void> {
  const startedAt = ports.clock.now();
  ports.metrics.milliseconds(metricNames.lateness, Math.max(0, startedAt - pack.beat));
  const shards = await Promise.all(pack.shards.map((known) => readShard(known, pack, ports, signal)));
  const down: Down[] = [];
  const work = shards.flatMap((shard) =>
    shard.ours
      .filter((stored) => shard.due.has(stored) || !isAtRest(stored.state))
      .map((stored) => ({ shard, stored })),
  );
  // Those that are failing may take their whole timeout: they go first, so that they delay nobody at the end.
  work.sort((a, b) => b.stored.state.downs - a.stored.state.downs);
  try {
    const visitOne = ({ shard, stored }: (typeof work)[number]) => visit(shard, stored, down, pack, ports, signal);
    await inFlight(work, ports.maxInFlight, visitOne, signal);
  } finally {
    try {
      await settle(down, shards, pack, ports, lastMoment(signal, SETTLING_MS));
    } finally {
      const closing = lastMoment(signal, CLOSING_MS);
      await Promise.all(shards.map((shard) => closeShard(shard, pack, startedAt, ports, closing)));
    }
  }
}

async function readShard(known: ShardCount, pack: PackMessage, ports: ProbePorts, signal: AbortSignal): Promise<Shard> {
  const { services, faults } = await ports.services.readShard(known.shard, signal);
  // Told by one of the probers that may read this shard.
  ports.metrics.count(metricNames.faultyItems, isKept(known, ports) ? faults : 0);
  const ours = services.filter(({ service }) => isOurs(service, ports));
  const due = new Set(ours.filter(({ service }) => isDueAt(service, pack)));
  return { known, services, faults, ours, due, results: [], states: new Map() };
}

/** A service that is due is looked at; for every other one that waits for something time has passed all the same. */
async function visit(
  shard: Shard,
  stored: Stored,
  down: Down[],
  pack: PackMessage,
  ports: ProbePorts,
  signal: AbortSignal,
): Promise<void> {
  const { service, state } = stored;
  reportOldestIntent(state, ports);
  const ticked = { kind: 'ticked', jitter: ports.jitter() } as const;
  let events: readonly ServiceEvent[] = [ticked];
  if (shard.due.has(stored)) {
    const observation = await lookFrom(ports, stored, pack.correlationId, signal);
    const { verdict, cause, latencyMs } = observation;
    shard.results.push({ tenant: service.tenant, id: service.id, verdict, cause, latencyMs });
    if (verdict === 'down') return void down.push({ shard, stored, observation });
    const probed = { kind: 'probed', beat: pack.beat, observation, fleet: freshFleet, jitter: ports.jitter() } as const;
    events = [probed, ticked];
  }
  await apply(shard, stored, events, pack, ports, signal);
}

/** Counts what was seen down, by all that is known of the fleet now. */
async function settle(
  down: readonly Down[],
  shards: readonly Shard[],
  pack: PackMessage,
  ports: ProbePorts,
  signal: AbortSignal,
): Promise<void> {
  if (down.length === 0 && !pack.hasStorms) return;
  const cause = { correlationId: pack.correlationId, signal };
  const around = await lookAround(looksOf(shards, down, ports.clock.now()), ports, cause, {
    dependencies: lookAtDependencies(ports, pack.correlationId, signal, down),
    isRound: pack.hasStorms,
  });
  const settleOne = async ({ shard, stored, observation }: Down) => {
    const fleet = await around(stored.service);
    const probed = { kind: 'probed', beat: pack.beat, observation, fleet, jitter: ports.jitter() } as const;
    await apply(shard, stored, [probed, { kind: 'ticked', jitter: ports.jitter() }], pack, ports, signal);
  };
  await inFlight(down, ports.maxInFlight, settleOne, signal);
}

function looksOf(shards: readonly Shard[], down: readonly Down[], now: number): OwnLooks {
  const seen = new Set(down.map(({ stored }) => stored));
  return {
    shards: shards.map(({ known }) => known.shard),
    services: shards.flatMap((shard) =>
      shard.services.map((stored) => ({
        service: stored.service,
        isFailing: seen.has(stored) ? isFailing(stored.state, now, true) : isFailing(stateIn(shard, stored), now),
      })),
    ),
    down: down.map(({ stored }) => stored.service),
  };
}

async function apply(
  shard: Shard,
  stored: Stored,
  events: readonly ServiceEvent[],
  pack: PackMessage,
  ports: ProbePorts,
  signal: AbortSignal,
): Promise<void> {
  const cause = { correlationId: pack.correlationId, signal };
  const changed = await changeService(stored.service, events, ports, cause, stored);
  if (changed && changed.step.state !== stored.state) shard.states.set(stored, changed.step.state);
}

/** As it stands after this pack's own look. */
const stateIn = ({ states }: Shard, stored: Stored): State => states.get(stored) ?? stored.state;

/** The row of the beat, and the shard's counts where they are not as `schedule` believes. */
async function closeShard(
  shard: Shard,
  pack: PackMessage,
  startedAt: number,
  ports: ProbePorts,
  signal: AbortSignal,
): Promise<void> {
  const { known, results } = shard;
  const due = shard.due.size;
  ports.metrics.count(metricNames.due, due);
  ports.metrics.count(metricNames.checked, results.length);
  ports.metrics.count(metricNames.unknown, results.filter(({ verdict }) => verdict === 'unknown').length);
  reportAnswers(results, ports);
  if (due > 0) {
    const finishedAt = ports.clock.now();
    const packed = { due, checked: results.length, results: packResults(results) };
    await ports.results.saveRow(
      { shard: known.shard, network: ports.network, beat: pack.beat, startedAt, finishedAt, ...packed },
      finishedAt + ports.retentionMs,
      signal,
    );
  }
  if (!isKept(known, ports)) return;
  const found = countOf(known, shard, ports, (stored) => stateIn(shard, stored));
  // An earlier beat of this minute may have corrected what all of them were told; then it has counted something.
  const minute = pack.beat - (pack.beat % 60_000);
  if (isSame(known, found) && shard.services.every(({ state }) => state.lastBeat < minute)) return;
  const standing = await ports.fleet.count(known.shard, signal);
  if (!standing || isSame(standing, found)) return;
  // The pack's own read may be older than a registration; a count is corrected only by one that is not.
  const fresh = await ports.services.readShard(known.shard, signal, 'strong');
  const counted = countOf(standing, fresh, ports, ({ state }) => state);
  if (!isSame(standing, counted)) await ports.fleet.correctCount(standing, counted, signal);
}

type Count = Omit<CountedShard, 'version'>;

/** Whether this prober keeps the counts of a shard; a row, in contrast, is written by each of them. */
const isKept = (known: ShardCount, { elsewhere, ecsQueue, network }: Place) =>
  (!elsewhere && !ecsQueue) || keeperOf(known) === network;

function countOf(
  known: ShardCount,
  { services, faults }: Pick<Shard, 'services' | 'faults'>,
  place: Place & Pick<ProbePorts, 'clock'>,
  stateOf: (stored: Stored) => State,
): Count {
  const now = place.clock.now();
  const by: Record<Network, number> = { public: 0, private: 0, ecs: 0 };
  let unhealthy = 0;
  let fastestSeconds = faults > 0 ? known.fastestSeconds : 3_600;
  const counted = services.map((stored) => {
    const { service } = stored;
    const state = stateOf(stored);
    by[service.network] += 1;
    if (state.health === 'unhealthy') unhealthy += 1;
    fastestSeconds = Math.min(fastestSeconds, service.probe.intervalSeconds);
    return { service, isFailing: isFailing(state, now) };
  });
  const groups = takeCensus(counted);
  const looked = { services: services.length, privateServices: by.private, ecsServices: by.ecs };
  const { privateServices, ecsServices = 0 } = asLookedAt(looked, probersBeside(place));
  return {
    shard: known.shard,
    ...{ groups, census: censusMark(groups) },
    // What cannot be decoded is there all the same: a shard that seemed empty would never be read again, not even when
    // it can be.
    services: services.length + faults,
    privateServices,
    ...(ecsServices > 0 && { ecsServices }),
    ...{ unhealthy, fastestSeconds },
  };
}

const COUNTED = ['services', 'privateServices', 'ecsServices', 'unhealthy', 'census', 'fastestSeconds'] as const;
const isSame = (known: Count, found: Count): boolean =>
  COUNTED.every((field) => (found[field] ?? 0) === (known[field] ?? 0));

function reportAnswers(results: readonly PackedResult[], { metrics }: ProbePorts): void {
  const down = results.filter(({ verdict }) => verdict === 'down').length;
  if (down > 0) metrics.count(metricNames.down, down);
  const good = results.flatMap(({ verdict, latencyMs }) => (verdict === 'down' ? [] : (latencyMs ?? [])));
  const sum = good.reduce((all, ms) => all + ms, 0);
  if (good.length > 0) metrics.milliseconds(metricNames.duration, sum / good.length);
}

function reportOldestIntent({ intents }: State, { clock, metrics }: ProbePorts): void {
  if (intents.length === 0) return;
  const oldest = Math.min(...intents.map(({ at }) => at));
  metrics.milliseconds(metricNames.oldestIntent, clock.now() - oldest);
}

const isDueAt = ({ tenant, id, probe }: Stored['service'], { beat, stepSeconds }: PackMessage) =>
  isDue({ tenant, id, intervalSeconds: probe.intervalSeconds }, beat, stepSeconds);
