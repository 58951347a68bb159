// A pack: read its shards, look at every service of this prober's that is due, advance each one, and write one packed
// row per shard.
import type { PackMessage } from '../contract/messages.ts';
import { metricNames } from '../contract/metrics.ts';
import { isAtRest, isUnmoved } from '../core/health/advance.ts';
import { isFailing } from '../core/health/census.ts';
import type { ServiceEvent } from '../core/model/events.ts';
import { freshFleet } from '../core/model/fleet.ts';
import type { Observation } from '../core/model/observation.ts';
import type { State } from '../core/model/state.ts';
import { changeKnown, type ChangePorts } from '../flow/change-service.ts';
import { type AroundPorts, lookAround, type OwnLooks } from '../flow/surroundings.ts';
import type { FleetStore } from '../ports/fleet-store.ts';
import type { Prober, RequestCounter } from '../ports/prober.ts';
import type { Jitter, Metrics } from '../ports/process.ts';
import type { Stored } from '../ports/service-store.ts';
import type { ResultStore } from '../ports/timeline.ts';
import { correctCounts } from './correct-counts.ts';
import { lookAtDependencies } from './dependency-looks.ts';
import { inFlight } from './in-flight.ts';
import { lookFrom, type Place } from './ours.ts';
import { saveRow } from './save-row.ts';
import { readShard, type ShardVisit, stateIn } from './shard-visit.ts';

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

/**
 * A service seen down. It waits until all others were looked at, so that the storm guard knows everything that fails.
 */
type Down = Readonly<{ shard: ShardVisit; stored: Stored; observation: Observation }>;

/** After the signal to stop: how long counting what was seen down may take, and then again writing the rows. */
const SETTLING_MS = 200;
const CLOSING_MS = 500;
/**
 * A signal with some time left after the pack's own has fired, so that a pack that is cut off still writes its results.
 */
const lastMoment = (signal: AbortSignal, ms: number) => (signal.aborted ? AbortSignal.timeout(ms) : signal);

export async function probePack(pack: PackMessage, ports: ProbePorts, signal: AbortSignal): Promise<void> {
  const startedAt = ports.clock.now();
  ports.metrics.milliseconds(metricNames.lateness, Math.max(0, startedAt - pack.beat));
  const shards = await Promise.all(pack.shards.map((known) => readShard(known, pack, startedAt, ports, signal)));
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
      const close = async (shard: ShardVisit) => {
        await saveRow(shard, pack.beat, startedAt, ports, closing);
        await correctCounts(shard, pack, ports, closing);
      };
      await Promise.all(shards.map(close));
    }
  }
}

/** Looks at a service that is due; for any other that waits for something, time has still passed. */
async function visit(
  shard: ShardVisit,
  stored: Stored,
  down: Down[],
  pack: PackMessage,
  ports: ProbePorts,
  signal: AbortSignal,
): Promise<void> {
  const { service, state } = stored;
  reportOldestIntent(state, ports);
  const events: ServiceEvent[] = [];
  if (shard.due.has(stored)) {
    const observation = await lookFrom(ports, stored, pack.correlationId, signal);
    const { verdict, cause, latencyMs } = observation;
    shard.results.push({ tenant: service.tenant, id: service.id, verdict, cause, latencyMs });
    if (verdict === 'down') return void down.push({ shard, stored, observation });
    if (isUnmoved(state, verdict)) return;
    events.push({ kind: 'probed', beat: pack.beat, observation, fleet: freshFleet, jitter: ports.jitter() });
  }
  events.push({ kind: 'ticked', jitter: ports.jitter() });
  await apply(shard, stored, events, pack, ports, signal);
}

/** Counts what was seen down, with all that is now known about the fleet. */
async function settle(
  down: readonly Down[],
  shards: readonly ShardVisit[],
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

function looksOf(shards: readonly ShardVisit[], down: readonly Down[], now: number): OwnLooks {
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

/** Applies a verdict; returns nothing to wait for when nothing changes. */
function apply(
  shard: ShardVisit,
  stored: Stored,
  events: readonly ServiceEvent[],
  pack: PackMessage,
  ports: ProbePorts,
  signal: AbortSignal,
): Promise<void> | undefined {
  const changing = changeKnown(stored, events, ports, { correlationId: pack.correlationId, signal });
  if (!(changing instanceof Promise)) return undefined;
  return changing.then((changed) => {
    if (changed) shard.states.set(stored, changed.step.state);
  });
}

function reportOldestIntent({ intents }: State, { clock, metrics }: ProbePorts): void {
  if (intents.length === 0) return;
  const oldest = Math.min(...intents.map(({ at }) => at));
  metrics.milliseconds(metricNames.oldestIntent, clock.now() - oldest);
}
