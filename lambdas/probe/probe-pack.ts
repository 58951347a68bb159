// A pack: read its shards, look at every service that is due, advance each one, and write one packed row per shard.
import type { PackMessage, ShardCount } from '../contract/messages.ts';
import { metricNames } from '../contract/metrics.ts';
import { isDue } from '../core/due.ts';
import type { ServiceEvent } from '../core/events.ts';
import { type FleetControl, freshFleet } from '../core/fleet.ts';
import { type PackedResult, packResults } from '../core/packed-row.ts';
import type { State } from '../core/state.ts';
import { type ChangePorts, changeService } from '../flow/change-service.ts';
import type { FleetStore, Jitter, Metrics, Prober, ResultStore, Stored } from '../ports.ts';
import { inFlight } from './in-flight.ts';
import { look } from './look.ts';

export type ProbePorts = ChangePorts &
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
  const work = shards.flatMap((shard) => shard.services.map((stored) => ({ shard, stored })));
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
  ports.metrics.count(metricNames.faultyItems, faults);
  const due = services.filter(({ service }) => isDueAt(service, pack)).length;
  return { known, services, due, results: [], states: new Map() };
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
    const observation = await look(stored, ports.prober, pack.correlationId, signal);
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
  const { known, services, due, results } = shard;
  ports.metrics.count(metricNames.due, due);
  ports.metrics.count(metricNames.checked, results.length);
  ports.metrics.count(metricNames.unknown, results.filter(({ verdict }) => verdict === 'unknown').length);
  if (due > 0) {
    const finishedAt = ports.clock.now();
    const row = { shard: known.shard, beat: pack.beat, startedAt, finishedAt, due, checked: results.length };
    await ports.results.saveRow({ ...row, results: packResults(results) }, finishedAt + ports.retentionMs, signal);
  }
  const stateOf = ({ service, state }: Stored) => shard.states.get(`${service.tenant}#${service.id}`) ?? state;
  const found = countOf(known.shard, services, stateOf);
  if (isSame(known, found)) return;
  // The pack's own read may be older than a registration; a count is corrected only by one that is not.
  const fresh = await ports.services.readShard(known.shard, signal, 'strong');
  const counted = countOf(known.shard, fresh.services, ({ state }) => state);
  if (!isSame(known, counted)) await ports.fleet.correctCount(known, counted, signal);
}

type Count = Omit<ShardCount, 'version'>;

const countOf = (shard: number, services: readonly Stored[], stateOf: (stored: Stored) => State): Count => ({
  shard,
  services: services.length,
  unhealthy: services.filter((stored) => stateOf(stored).health === 'unhealthy').length,
  fastestSeconds: Math.min(...services.map(({ service }) => service.probe.intervalSeconds), 3_600),
});

const isSame = (known: Count, found: Count): boolean =>
  found.services === known.services &&
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
