// What a decision about one service must know about the others: the switches, the storms, its dependencies. Needed only
// when something is down. A caller that has just probed services says what it saw, so that the storm guard knows it in
// the same beat, before anything is restarted into the storm.
import type { CountedShard, StormMessage } from '../contract/messages.ts';
import { addCensus, groupsOf } from '../core/health/census.ts';
import {
  isOwed,
  newsAfterSeconds,
  type Storm,
  stormIn,
  stormOver,
  type StormRules,
  type Storms,
} from '../core/health/storm.ts';
import { weathered } from '../core/health/weathered.ts';
import type { DependencySeen, FleetControl, Surroundings } from '../core/model/fleet.ts';
import type { Service } from '../core/model/service.ts';
import type { FleetStore, StormStore } from '../ports/fleet-store.ts';
import type { Clock, Log } from '../ports/process.ts';
import type { StormQueue } from '../ports/queues.ts';

export type AroundPorts = Readonly<{
  fleet: Pick<FleetStore, 'control' | 'overview'>;
  storms: StormStore;
  stormQueue: StormQueue;
  stormRules: StormRules;
  clock: Clock;
  log: Log;
}>;

export type NotedPorts = Pick<AroundPorts, 'storms' | 'stormRules' | 'clock'> &
  Readonly<{ fleet: Pick<FleetStore, 'control'> }>;

/** What the caller itself has seen, which is newer than the stored counts. */
export type OwnLooks = Readonly<{
  /** The shards that it has read whole; for all others the stored counts apply. */
  shards: readonly number[];
  /** All services of those shards. */
  services: readonly Readonly<{ service: Service; isFailing: boolean }>[];
  /** The services just seen down: a storm counts if it is in one of their groups. */
  down: readonly Service[];
}>;
export const noLooks: OwnLooks = { shards: [], services: [], down: [] };

/** The dependencies of a service, as seen just now; asked for only if the service is down. */
export type DependencyView = (service: Service) => Promise<readonly DependencySeen[]>;
const noDependencies: DependencyView = () => Promise.resolve([]);

/** What is around any service. */
export type Around = (service: Service) => Promise<Surroundings>;

type Cause = Readonly<{ correlationId: string; signal: AbortSignal }>;

/** Looks around from the fleet as a whole; notes a storm that begins or is over, and has people told of it. */
export async function lookAround(
  own: OwnLooks,
  ports: AroundPorts,
  { correlationId, signal }: Cause,
  { dependencies = noDependencies, isRound = false }: { dependencies?: DependencyView; isRound?: boolean } = {},
): Promise<Around> {
  const [control, { counts, storms }] = await Promise.all([ports.fleet.control(signal), ports.fleet.overview(signal)]);
  const { before, after } = await noteStorms(storms, censusOf(counts, own), { own, control, ports, signal });
  // A storm that this look began or ended is told now; a round also repeats what is still owed.
  const owed = after.storms.filter((storm) => isOwed(storm) && (isRound || isNews(storm, before)));
  const tell = (storm: Storm) => {
    const message: StormMessage = { kind: 'storm', correlationId, stormId: storm.id };
    return ports.stormQueue.tell(message, newsAfterSeconds(storm), signal);
  };
  const told = await Promise.allSettled(owed.map(tell));
  if (told.some(({ status }) => status === 'rejected'))
    ports.log.warn('a storm could not be told of yet', { correlationId });
  return aroundWith(control, after, ports, dependencies);
}

/** The surroundings from what is stored: for callers that may not read the whole fleet. */
export async function asNoted(
  ports: NotedPorts,
  signal: AbortSignal,
  dependencies: DependencyView = noDependencies,
): Promise<Around> {
  const [control, storms] = await Promise.all([ports.fleet.control(signal), ports.storms.read(signal)]);
  return aroundWith(control, storms, ports, dependencies);
}

const aroundWith =
  (
    control: FleetControl,
    storms: Storms,
    { clock, stormRules }: Pick<AroundPorts, 'clock' | 'stormRules'>,
    dependencies: DependencyView,
  ): Around =>
  async (service) => ({
    ...control,
    storm: control.stormGuard === false ? undefined : stormOver(storms, groupsOf(service), clock.now(), stormRules),
    dependencies: await dependencies(service),
  });

const censusOf = (counts: readonly CountedShard[], { shards, services }: OwnLooks) => {
  const others = counts.filter(({ shard }) => !shards.includes(shard));
  return addCensus(
    others.map(({ groups = {} }) => groups),
    services,
  );
};

const isNews = ({ id, endedAt }: Storm, before: Storms): boolean =>
  before.storms.find((storm) => storm.id === id)?.endedAt !== endedAt ||
  before.storms.every((storm) => storm.id !== id);

/** Races lost in a row after which the storms stay as others have noted them. */
const ATTEMPTS = 10;

type Noting = Readonly<{ own: OwnLooks; control: FleetControl; ports: AroundPorts; signal: AbortSignal }>;

async function noteStorms(
  read: Storms,
  census: ReturnType<typeof censusOf>,
  { own, control, ports, signal }: Noting,
): Promise<Readonly<{ before: Storms; after: Storms }>> {
  const { stormRules, clock } = ports;
  const sightings = own.down
    .map((service) => stormIn(census, groupsOf(service), stormRules))
    .filter((sighting) => sighting !== undefined);
  const seen = { sightings, census, isGuarding: control.stormGuard !== false };
  let known = read;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const after = weathered(known, seen, clock.now(), stormRules);
    if (after === known || (await ports.storms.save(after, signal))) return { before: known, after };
    known = await ports.storms.read(signal);
  }
  throw new Error(`the storms changed ${ATTEMPTS} times`);
}
