// A pack: read its shards, look at every service of this prober's that is due, advance each one, and write one packed
// row per shard.
import type { PackMessage, ShardCount } from '../contract/messages.ts';
import { metricNames } from '../contract/metrics.ts';
import { isDue } from '../core/due.ts';
import type { ServiceEvent } from '../core/events.ts';
import { type FleetControl, freshFleet } from '../core/fleet.ts';
import { type PackedResult, packResults } from '../core/packed-row.ts';
import { keeperOf } from '../core/shard-count.ts';
import type { State } from '../core/state.ts';
import { type ChangePorts, changeService } from '../flow/change-service.ts';
import type { FleetStore, Jitter, Metrics, Prober, ResultStore, Stored } from '../ports.ts';
import { inFlight } from './in-flight.ts';
import { isOurs, lookFrom, type Place } from './ours.ts';

export type ProbePorts = ChangePorts &
  Place &
  Readonly<{
    fleet: FleetStore;
    results: ResultStore;
    prober: Prober;
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
  due: number;
  results: PackedResult[];
  states: Map<string, State>;
};

/** How long the rows may take once the invocation has been cut off; shorter than the time that is left to it then. */
const CLOSING_MS = 500;

export async function probePack(pack: PackMessage, ports: ProbePorts, signal: AbortSignal): Promise<void> {
  const startedAt = ports.clock.now();
  ports.metrics.milliseconds(metricNames.lateness, Math.max(0, startedAt - pack.beat));
  const shards = await Promise.all(pack.shards.map((known) => readShard(known, pack, ports, signal)));
  const control = once(() => ports.fleet.control(signal));
  const work = shards.flatMap((shard) => shard.ours.map((stored) => ({ shard, stored })));
  // Those that are failing may take their whole timeout: they go first, so that they delay nobody at the end.
  work.sort((a, b) => b.stored.state.downs - a.stored.state.downs);
  try {
    const visitOne = ({ shard, stored }: (typeof work)[number]) => visit(shard, stored, pack, control, ports, signal);
    await inFlight(work, ports.maxInFlight, visitOne, signal);
  } finally {
    // A pack that was cut off says so in its rows, for which its own signal would leave no time.
    const closing = signal.aborted ? AbortSignal.timeout(CLOSING_MS) : signal;
    await Promise.all(shards.map((shard) => closeShard(shard, pack, startedAt, ports, closing)));
  }
}

async function readShard(known: ShardCount, pack: PackMessage, ports: ProbePorts, signal: AbortSignal): Promise<Shard> {
  const { services, faults } = await ports.services.readShard(known.shard, signal);
  // Told by one of the two probers that may read this shard.
  ports.metrics.count(metricNames.faultyItems, isKept(known, ports) ? faults : 0);
  const ours = services.filter(({ service }) => isOurs(service, ports));
  const due = ours.filter(({ service }) => isDueAt(service, pack)).length;
  return { known, services, faults, ours, due, results: [], states: new Map() };
}

/** A service that is due is looked at; for every other one time has passed all the same. */
async function visit(
  shard: Shard,
  stored: Stored,
  pack: PackMessage,
  control: () => Promise<FleetControl>,
  ports: ProbePorts,
  signal: AbortSignal,
): Promise<void> {
  const { service, state } = stored;
  reportOldestIntent(state, ports);
  const events: ServiceEvent[] = [{ kind: 'ticked', jitter: ports.jitter() }];
  if (isDueAt(service, pack)) {
    const observation = await lookFrom(ports, stored, pack.correlationId, signal);
    const { verdict, cause, latencyMs } = observation;
    shard.results.push({ tenant: service.tenant, id: service.id, verdict, cause, latencyMs });
    const fleet = verdict === 'down' ? await control() : freshFleet;
    events.unshift({ kind: 'probed', beat: pack.beat, observation, fleet, jitter: ports.jitter() });
  }
  const changed = await changeService(service, events, ports, { correlationId: pack.correlationId, signal }, stored);
  if (changed) shard.states.set(`${service.tenant}#${service.id}`, changed.step.state);
}

/** The row of the beat, and the shard's counts where they are not as `schedule` believes. */
async function closeShard(
  shard: Shard,
  pack: PackMessage,
  startedAt: number,
  ports: ProbePorts,
  signal: AbortSignal,
): Promise<void> {
  const { known, due, results } = shard;
  ports.metrics.count(metricNames.due, due);
  ports.metrics.count(metricNames.checked, results.length);
  ports.metrics.count(metricNames.unknown, results.filter(({ verdict }) => verdict === 'unknown').length);
  if (due > 0) {
    const finishedAt = ports.clock.now();
    const at = { shard: known.shard, network: ports.network, beat: pack.beat };
    const row = { ...at, startedAt, finishedAt, due, checked: results.length };
    await ports.results.saveRow({ ...row, results: packResults(results) }, finishedAt + ports.retentionMs, signal);
  }
  if (!isKept(known, ports)) return;
  const stateOf = ({ service, state }: Stored) => shard.states.get(`${service.tenant}#${service.id}`) ?? state;
  const found = countOf(known, shard, ports, stateOf);
  if (isSame(known, found)) return;
  // The pack's own read may be older than a registration; a count is corrected only by one that is not.
  const fresh = await ports.services.readShard(known.shard, signal, 'strong');
  const counted = countOf(known, fresh, ports, ({ state }) => state);
  if (!isSame(known, counted)) await ports.fleet.correctCount(known, counted, signal);
}

type Count = Omit<ShardCount, 'version'>;

/** Whether this prober keeps the counts of a shard; a row, in contrast, is written by each of the two. */
const isKept = (known: ShardCount, { elsewhere, network }: Place) => !elsewhere || keeperOf(known) === network;

const countOf = (
  known: ShardCount,
  { services, faults }: Pick<Shard, 'services' | 'faults'>,
  { elsewhere }: Place,
  stateOf: (stored: Stored) => State,
): Count => ({
  shard: known.shard,
  // What cannot be decoded is there all the same: a shard that seemed empty would never be read again, not even when
  // it can be.
  services: services.length + faults,
  privateServices: elsewhere ? services.filter(({ service }) => service.network === 'private').length : 0,
  unhealthy: services.filter((stored) => stateOf(stored).health === 'unhealthy').length,
  fastestSeconds: Math.min(
    ...services.map(({ service }) => service.probe.intervalSeconds),
    faults > 0 ? known.fastestSeconds : 3_600,
  ),
});

const isSame = (known: Count, found: Count): boolean =>
  found.services === known.services &&
  found.privateServices === known.privateServices &&
  found.unhealthy === known.unhealthy &&
  found.fastestSeconds === known.fastestSeconds;

function reportOldestIntent({ intents }: State, { clock, metrics }: ProbePorts): void {
  const oldest = Math.min(...intents.map(({ at }) => at));
  if (Number.isFinite(oldest)) metrics.milliseconds(metricNames.oldestIntent, clock.now() - oldest);
}

const isDueAt = ({ tenant, id, probe }: Stored['service'], { beat, stepSeconds }: PackMessage) =>
  isDue({ tenant, id, intervalSeconds: probe.intervalSeconds }, beat, stepSeconds);

/** Calls at most once, and only when somebody asks. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | undefined;
  return () => (value ??= read());
}
