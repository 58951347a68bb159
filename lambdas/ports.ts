// What the flows ask of the outside world. The docstrings are contracts: every adapter and every fake keeps them.
import type {
  CheckMessage,
  CountedShard,
  PackMessage,
  ShardCount,
  StormMessage,
  Target,
  WindowMessage,
} from './contract/messages.ts';
import type { MetricName } from './contract/metrics.ts';
import type { Network } from './contract/networks.ts';
import type { Answer } from './core/alerts/delivery/judge-answer.ts';
import type { GroupPlace, WindowKind, Windows } from './core/alerts/group.ts';
import type { BusEntry } from './core/bus/entries.ts';
import type { Drift } from './core/discovery/drift.ts';
import type { SeenService } from './core/discovery/ecs-tags.ts';
import type { Storms } from './core/health/storm.ts';
import type { EcsState } from './core/judging/judge-ecs.ts';
import type { AuditEntry, AuditRecord } from './core/model/audit.ts';
import type { FleetControl } from './core/model/fleet.ts';
import type { Intent } from './core/model/intents.ts';
import type { Observation } from './core/model/observation.ts';
import type { Probe } from './core/model/probe-spec.ts';
import type { Drain, ImageRule, RestartStep } from './core/model/restart-spec.ts';
import type { Registration, Service } from './core/model/service.ts';
import type { State } from './core/model/state.ts';
import type { TimelineRecord } from './core/model/timeline.ts';
import type { Roll } from './core/numbers/roll.ts';
import type { HourEntries } from './core/numbers/roll-hour.ts';
import type { Stretch } from './core/numbers/service-facts.ts';
import type { Progress as RollupProgress } from './core/numbers/window.ts';
import type { PasswordHash } from './core/people/password-hash.ts';
import type { Endpoint } from './core/registration/endpoint.ts';
import type { EcrReference } from './core/restart/image-reference.ts';
import type { Slot, Slots } from './core/restart/restart-slots.ts';
import type { PackedRow } from './core/rounds/packed-row.ts';
import type { Place } from './core/values/place.ts';

export type ServiceKey = Readonly<{ tenant: string; id: string }>;

/** One service's item as it was read. `version` is the condition of the next write of its state. */
export type Stored = Readonly<{
  document: Registration;
  service: Service;
  state: State;
  version: number;
  registeredAt: number;
  heartbeatAt?: number | undefined;
}>;

export interface ServiceStore {
  /** Every service of a shard. An item that cannot be decoded is logged, counted in `faults` and left out: one poisoned item must not stop the others. */
  readShard(
    shard: number,
    signal: AbortSignal,
    /** `strong` sees every write that was answered before, at twice the price. */
    consistency?: 'eventual' | 'strong',
  ): Promise<{ services: readonly Stored[]; faults: number }>;
  read(key: ServiceKey, signal: AbortSignal): Promise<Stored | undefined>;
  /** Writes the state if nobody wrote one since `stored` was read. `false`: somebody did; read and advance again. */
  saveState(stored: Stored, state: State, signal: AbortSignal): Promise<boolean>;
  /**
   * Puts or replaces the document; a service that exists keeps its state. `before` is what this very write replaced;
   * undefined also when that cannot be decoded, so that a poisoned item can be mended by registering it anew.
   */
  register(
    document: Registration,
    fresh: State,
    now: number,
    signal: AbortSignal,
  ): Promise<{ outcome: 'created' | 'replaced'; before: Registration | undefined }>;
  /** Not removed when there was none, which is as wanted. `before` as with `register`. */
  remove(key: ServiceKey, signal: AbortSignal): Promise<{ isRemoved: boolean; before: Registration | undefined }>;
  /** Notes a heartbeat beside the state, so that it never collides with a probe. `false`: no such service. */
  heartbeat(key: ServiceKey, at: number, signal: AbortSignal): Promise<boolean>;
}

/** Which services run on or depend on what: the way from a change to the services that it concerns. */
export interface TargetIndex {
  /** Notes that this service names these targets. Twice is once. */
  point(key: ServiceKey, targets: readonly Target[], signal: AbortSignal): Promise<void>;
  /** Forgets it; what was never noted is as wanted. */
  unpoint(key: ServiceKey, targets: readonly Target[], signal: AbortSignal): Promise<void>;
  /** Every service that names the target, and maybe some that did so once: ask the service itself. */
  services(target: Target, signal: AbortSignal): Promise<readonly ServiceKey[]>;
}

export interface FleetStore {
  control(signal: AbortSignal): Promise<FleetControl>;
  saveControl(control: FleetControl, signal: AbortSignal): Promise<void>;
  /** The shards that have ever held a service. */
  counts(signal: AbortSignal): Promise<readonly CountedShard[]>;
  /** One of them as it stands now, after every write that was answered; undefined when the shard never held a service. */
  count(shard: number, signal: AbortSignal): Promise<CountedShard | undefined>;
  /** All of them, with the storms and the slots that are taken, in one request. */
  overview(signal: AbortSignal): Promise<FleetOverview>;
  /**
   * Takes a slot for a restart, or the one that it has for longer. `false` when `most` others are taken. Infinity takes
   * one in any case.
   */
  takeSlot(slot: Slot, most: number, now: number, signal: AbortSignal): Promise<boolean>;
  /** The slots of these restarts are free; those that were free already are as wanted. */
  freeSlots(restartIds: readonly string[], signal: AbortSignal): Promise<void>;
  /** The slots that are taken, those of restarts that are over among them. */
  slots(signal: AbortSignal): Promise<Slots>;
  /**
   * Makes sure that `schedule` packs this shard often enough, and for the prober of this network (the public one when
   * none is named). Always writes, so that a count that was read before can no longer be corrected: call it before and
   * after a service is put there.
   */
  expectService(shard: number, intervalSeconds: number, signal: AbortSignal, network?: Network): Promise<void>;
  /** Corrects a count that was read as `known`; does nothing when it changed meanwhile. */
  correctCount(known: ShardCount, found: Omit<CountedShard, 'version'>, signal: AbortSignal): Promise<void>;
}
type FleetOverview = Readonly<{ counts: readonly CountedShard[]; storms: Storms; slots: Slots }>;

export interface StormStore {
  /** As they stand now; none when there never was one. */
  read(signal: AbortSignal): Promise<Storms>;
  /** Writes them if the version before theirs is what stands there. `false`: somebody was faster; read again. */
  save(storms: Storms, signal: AbortSignal): Promise<boolean>;
}
export interface StormQueue {
  /** Asks the alert function to tell what is owed after `delaySeconds`. At least once: it looks at the item first. */
  tell(message: StormMessage, delaySeconds: number, signal: AbortSignal): Promise<void>;
}

export interface ResultStore {
  /** One write; the same row written twice is one row. */
  saveRow(row: PackedRow, expiresAt: number, signal: AbortSignal): Promise<void>;
  /**
   * Rows that the prober of `network` has written of a shard, with `from <= beat < before`, newest first. Fewer than
   * `limit` need not be the end, where rows are large: whoever reads on does so from the oldest until there are none.
   */
  rows(
    range: { shard: number; network: Network; from?: number; before?: number; limit: number },
    signal: AbortSignal,
  ): Promise<readonly PackedRow[]>;
}

export interface Timeline {
  /** Writing a record twice (same `at` and `intentId`) leaves one. */
  append(record: TimelineRecord, expiresAt: number, signal: AbortSignal): Promise<void>;
  /**
   * Newest first, those of one moment by their intents' ids; `before` leaves out its own place and all that is newer,
   * `from` (epoch ms) all that is older.
   */
  events(
    key: ServiceKey,
    page: { limit: number; before?: Place | undefined; from?: number | undefined },
    signal: AbortSignal,
  ): Promise<readonly TimelineRecord[]>;
  /**
   * The same of all services together, on the UTC day that begins at `day` (epoch ms); those of one moment by
   * `tenant:service:intent`, which is the id of their places.
   */
  fleetDay(
    page: { day: number; from: number; before: Place; limit: number },
    signal: AbortSignal,
  ): Promise<readonly TimelineRecord[]>;
  /** Every record of all services in a stretch of one UTC day, oldest first; those of one moment as in `fleetDay`. */
  fleetBetween(stretch: Stretch, signal: AbortSignal): Promise<readonly TimelineRecord[]>;
  /** Ended restarts only, newest first. */
  restarts(key: ServiceKey, page: { limit: number }, signal: AbortSignal): Promise<readonly TimelineRecord[]>;
}

/** Whose numbers they are; `fleet` is all services of all tenants. */
export type RollupSubject =
  | Readonly<{ kind: 'service'; tenant: string; id: string }>
  | Readonly<{ kind: 'project'; tenant: string; project: string }>
  | Readonly<{ kind: 'fleet' }>;

/** Hours and days of numbers. Writing the same one twice leaves one. */
export interface RollupStore {
  /** How far they have come; undefined before the first. */
  progress(signal: AbortSignal): Promise<RollupProgress | undefined>;
  /** Never goes back: where somebody else is further, nothing is written, and that is as wanted. */
  advance(progress: RollupProgress, signal: AbortSignal): Promise<void>;
  /** An hour (epoch ms of its beginning) of a shard, in place of what may be there of it. */
  saveHour(shard: number, hour: number, entries: HourEntries, expiresAt: number, signal: AbortSignal): Promise<void>;
  /**
   * The hours of a shard, oldest first; those in which it held nothing are not there. `only`: this service (`tenant#id`)
   * and no other.
   */
  hours(shard: number, stretch: Stretch, signal: AbortSignal, only?: string): Promise<readonly RolledHour[]>;
  /** `at`: epoch ms of the beginning of the hour or day. Services have days only: their hours are in those of the shard. */
  save(
    subject: RollupSubject,
    unit: 'HOUR' | 'DAY',
    at: number,
    roll: Roll,
    expiresAt: number,
    signal: AbortSignal,
  ): Promise<void>;
  /** Oldest first. */
  rolls(subject: RollupSubject, unit: 'HOUR' | 'DAY', stretch: Stretch, signal: AbortSignal): Promise<readonly Roll[]>;
}
export type RolledHour = Readonly<{ hour: number; entries: HourEntries }>;

export interface AuditLog {
  /**
   * Writes an entry under its service, or under the fleet. The same `at` and `entryId` are the same entry: a later
   * outcome replaces `asked`, and `asked` replaces nothing, however late it comes.
   */
  write(entry: AuditEntry, signal: AbortSignal): Promise<void>;
  /** Newest first; those of the fleet without a `subject`. A service that was removed keeps its entries. */
  entries(
    subject: ServiceKey | undefined,
    page: { limit: number; before?: Place | undefined },
    signal: AbortSignal,
  ): Promise<readonly AuditRecord[]>;
}

export interface DriftStore {
  /** What the newest run of discovery saw; undefined when there was none, or when it cannot be decoded any more. */
  read(signal: AbortSignal): Promise<Drift | undefined>;
  /** Replaces it. One that is older than what is there is not written: its run was overtaken. */
  save(drift: Drift, signal: AbortSignal): Promise<void>;
}

export interface EcsInventory {
  /**
   * Every service of the cluster that was not deleted. Rejects when it cannot be read to the end: half a list would
   * look as if the others were gone.
   */
  services(cluster: string, signal: AbortSignal): Promise<readonly SeenService[]>;
}
export interface Balancers {
  /** Where services behind these target groups answer; without those that no application load balancer leads to. */
  endpoints(targetGroups: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Endpoint>>;
}

export interface Prober {
  /**
   * Looks once, without retry. Never rejects: a bad service is `down` or `slow`, our own trouble is `unknown`, an
   * abort by `signal` is `unknown`. Ends within the probe's own timeout.
   */
  probe(target: ProbeTarget, signal: AbortSignal): Promise<Observation>;
}
export type ProbeTarget = Readonly<{
  probe: Probe;
  correlationId: string;
  /** When the service last reported itself, for heartbeats. */
  heartbeatAt?: number | undefined;
  registeredAt: number;
}>;

/**
 * How an order is told apart from every other: by id, by time, and by what was there before. `restartId` is that of one
 * act of a restart (`orderId`): a restart with hooks sends several orders.
 */
export type RestartOrder = Readonly<{ restartId: string; begunAt: number; before: string; reason: string }>;
export type Inspection =
  /** `pin`: what exactly is to be sent, where that was looked at too (the version of a document). */
  { kind: 'ready'; identity: string; pin?: string | undefined } | { kind: 'refused'; reason: string };
export type Progress =
  /** `evidence`: what this look has put an end to, in lines for people; the caller takes secrets out, and cuts it. */
  | { kind: 'running'; detail: string; evidence?: string | undefined }
  /**
   * Something else stands there now; verdicts count again once the warm-up is over. `output` is what was said on the
   * way, without secrets and cut, as with a failure.
   */
  | { kind: 'changed'; identity: string; detail: string; output?: string | undefined }
  | { kind: 'failed'; reason: string; output?: string | undefined };

export interface RequestCounter {
  /**
   * How many requests a service has under way, as it says itself. Undefined when that cannot be told: no answer, no
   * number, an address that must not be dialled. Never rejects, and ends within seconds.
   */
  count(drain: Drain, correlationId: string, signal: AbortSignal): Promise<number | undefined>;
}
export interface EcsStates {
  /** How an ECS service stands; undefined when there is none of that name. Rejects when ECS cannot be asked. */
  state(cluster: string, service: string, signal: AbortSignal): Promise<EcsState | undefined>;
}

export interface SecretSource {
  /** The value behind a reference; rejects when it cannot be read. Neither logs nor keeps it beyond the invocation. */
  read(kind: 'ssm' | 'secret', name: string, signal: AbortSignal): Promise<string>;
}

export interface PasswordCheck {
  /** Whether this is the password that was hashed. Takes as long for a wrong one as for the right one. */
  matches(password: string, hash: PasswordHash): Promise<boolean>;
}

export interface ImageSource {
  /**
   * Every digest that pulling this tag may bring now: that of an index, and those of the images in it. None: the tag is
   * gone. `undefined`: it cannot be told (another region, a registry that may not be read). Rejects on passing trouble.
   */
  digests(reference: EcrReference, signal: AbortSignal): Promise<readonly string[] | undefined>;
}

export interface Restarter {
  /**
   * What stands there now. `refused` = must not be restarted (switched off on purpose, missing, being deployed by others
   * than `priorHandle`, the newest deployment of ours).
   */
  inspect(
    step: RestartStep,
    signal: AbortSignal,
    priorHandle?: string,
    /** Whether what would bring up other images than those that run is refused; it is, when nothing is said. */
    otherImages?: ImageRule,
  ): Promise<Inspection>;
  /**
   * What a restart by this step would destroy: last events, stop reasons, states, last lines of output. For people; the
   * caller takes secrets out, cuts it, and waits a few seconds at most (`signal` ends then). Changes nothing; undefined
   * when there is nothing to say. May reject: a restart does not wait for it to work.
   */
  evidence(step: RestartStep, signal: AbortSignal): Promise<string | undefined>;
  /** The handle of an order that was sent already, by this or an earlier invocation; undefined when there is none. */
  find(step: RestartStep, order: RestartOrder, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Sends the order, with the pin of the inspection just before, and gives its handle. Not idempotent: AWS has no token
   * for it, so `find` comes first.
   */
  send(step: RestartStep, order: RestartOrder & { pin?: string | undefined }, signal: AbortSignal): Promise<string>;
  /** How far the order has come. Of an order that goes in rounds it is the look that begins the next one. */
  look(step: RestartStep, order: RestartOrder & { handle: string }, signal: AbortSignal): Promise<Progress>;
}

/** A message to people, and the attributes that subscriptions filter by. */
export type Notice = Readonly<{
  subject: string;
  email: string;
  sms: string;
  json: string;
  /** A list is one attribute of many values: a filter that takes one of them takes the notice. */
  attributes: Readonly<Record<string, string | readonly string[]>>;
}>;
export interface AlertSink {
  /**
   * Resolves once SNS has taken it; whoever called strikes it off then, and not before. An error with `wasRefused: true`
   * says that SNS has not taken it; with any other it may have.
   */
  publish(notice: Notice, signal: AbortSignal): Promise<void>;
}

export interface EventBus {
  /**
   * Puts entries on the bus and gives the keys of those that it did not take; whoever called sees to it that these come
   * again. Never rejects, and ends within seconds: people must not wait for it.
   */
  put(entries: readonly BusEntry[], signal: AbortSignal): Promise<readonly NotTaken[]>;
}
export type NotTaken = Readonly<{ key: string; reason: string }>;

export interface SmsCounter {
  /**
   * Adds `copies` to what was sent in the month of `at`, unless that would be more than `limit`: then nothing is added,
   * and the answer is `false`. Call it before they are sent, for what was counted may have been sent.
   */
  count(at: number, copies: number, limit: number, signal: AbortSignal): Promise<boolean>;
  /** Takes back what was counted at `at` and certainly not sent. */
  giveBack(at: number, copies: number, signal: AbortSignal): Promise<void>;
  /**
   * Who may tell people that the limit is reached: gives what was sent in the month, or undefined where it was told
   * already, or is being told by another until `until`.
   */
  claimWarning(at: number, until: number, signal: AbortSignal): Promise<number | undefined>;
  /** They were told. */
  warned(at: number, signal: AbortSignal): Promise<void>;
}
export interface Poster {
  /**
   * Posts once and follows nobody elsewhere. Any answer is one, whatever its status. Rejects when there is none within
   * ten seconds, or none that can be trusted; the error never names the address.
   */
  post(
    request: Readonly<{ url: string; body: string; headers: Readonly<Record<string, string>> }>,
    signal: AbortSignal,
  ): Promise<Answer>;
}
/** How a queue knows one delivery of a message; `tries` counts this one. */
export type Receipt = Readonly<{ receiptHandle: string; tries: number }>;
export interface DeliveryQueue {
  /** This message comes again after so many seconds, instead of at the queue's own pace. */
  again(receiptHandle: string, seconds: number, signal: AbortSignal): Promise<void>;
}
export interface AlertWindows {
  /** As they stand now; none when nothing was ever collected there. */
  read(place: GroupPlace, signal: AbortSignal): Promise<Windows>;
  /** Writes them if the version before theirs is what stands there. `false`: somebody was faster; read again. */
  save(place: GroupPlace, windows: Windows, signal: AbortSignal): Promise<boolean>;
  /**
   * Puts a document (JSON) into this window under its deduplication key; twice is once. `false`: the window is not there
   * any more, or full; read again.
   */
  add(place: GroupPlace, into: WindowEntry, signal: AbortSignal): Promise<boolean>;
  /** Those of every place. */
  all(signal: AbortSignal): Promise<readonly Readonly<{ place: GroupPlace; windows: Windows }>[]>;
}
type WindowEntry = Readonly<{ kind: WindowKind; windowId: string; key: string; document: string }>;
export interface WindowQueue {
  /** Has a window looked at after `delaySeconds`; more than 15 minutes become 15 minutes. */
  look(message: WindowMessage, delaySeconds: number, signal: AbortSignal): Promise<void>;
}

export type Handover = Readonly<{ key: ServiceKey; intents: readonly Intent[] }>;
export interface Outbox {
  /** Hands intents to the queues of those who carry them out. At least once: receivers look at the item first. */
  hand(handovers: readonly Handover[], correlationId: string, signal: AbortSignal): Promise<void>;
}
export interface ProbeQueue {
  /** One message per pack; `delaySeconds` (0…900) spreads the beats inside a minute. */
  sendPacks(packs: readonly { message: PackMessage; delaySeconds: number }[], signal: AbortSignal): Promise<void>;
  sendCheck(message: CheckMessage, signal: AbortSignal): Promise<void>;
}
export interface RestartQueue {
  /** Come back to this restart after `delaySeconds`: the queue is the timer. */
  again(
    message: { key: ServiceKey; restartId: string; correlationId: string },
    delaySeconds: number,
    signal: AbortSignal,
  ): Promise<void>;
}

export interface Clock {
  now(): number;
}
/** A number in [0, 1) that spreads retries; the one source of chance, so that core stays pure. */
export type Jitter = () => number;

export interface Log {
  info(message: string, details?: Readonly<Record<string, unknown>>): void;
  warn(message: string, details?: Readonly<Record<string, unknown>>): void;
  error(message: string, details?: Readonly<Record<string, unknown>>): void;
}
export interface Metrics {
  count(name: MetricName, value?: number): void;
  milliseconds(name: MetricName, value: number): void;
}
