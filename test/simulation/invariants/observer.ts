// Sees every effect of every invocation, keeps the services' stories, and calls the invariants. The first violation
// ends the run.
import * as z from 'zod';

import { busDetailTypes } from '../../../lambdas/contract/event-bus.ts';
import { alertDocumentSchema, type GroupEntry } from '../../../lambdas/core/alerts/document.ts';
import type { BusEntry } from '../../../lambdas/core/bus/entries.ts';
import type { Observation, Verdict } from '../../../lambdas/core/model/observation.ts';
import type { EcsProbe } from '../../../lambdas/core/model/probe-spec.ts';
import type { RestartStep } from '../../../lambdas/core/model/restart-spec.ts';
import type { TimelineRecord } from '../../../lambdas/core/model/timeline.ts';
import type { PackedRow } from '../../../lambdas/core/rounds/packed-row.ts';
import type { Notice } from '../../../lambdas/ports/alerts.ts';
import type { RestartOrder } from '../../../lambdas/ports/restarter.ts';
import { addTo } from '../stats.ts';
import { EcsBackend } from '../world/backends/ecs.ts';
import type { StopFacts } from '../world/backends/ecs-tasks.ts';
import type { Shortage } from '../world/ecs-standing.ts';
import type { Invocation } from '../world/invocation.ts';
import type { SimService } from '../world/sim-service.ts';
import type { World } from '../world/world.ts';
import { type Hook, hooked, type Told } from './all.ts';
import { commitOf, tale } from './commit.ts';
import type { Check, Written } from './invariant.ts';
import { Watched } from './watched.ts';

/** What was broken, where and when; `story` ends with it. */
export type Violation = Readonly<{
  invariant: string;
  complaint: string;
  service: string;
  at: number;
  story: readonly string[];
}>;

/** Both kinds of entries name the service in the same way; a storm has none. */
const onBusSchema = z.object({ service: z.nullable(z.object({ tenant: z.string(), id: z.string() })) });

/** Errors of code, which no bad weather explains. */
const OUR_FAULTS = [TypeError, RangeError, ReferenceError];

const MORE_THAN_ONE_ROUND = 10;

export class Observer {
  violation: Violation | undefined;
  readonly #watched = new Map<SimService, Watched>();
  /** The invocations that have told of a storm, by key. */
  readonly #stormsTold = new Map<string, Invocation[]>();
  readonly #stormsOnBus = new Set<string>();
  /** By the index of the invariant among all. */
  readonly #checks: Check[] = [];
  /** The service that is being judged. */
  #asked: SimService | undefined;
  readonly #world: World;
  readonly #storyLines: number;

  constructor(world: World, storyLines: number) {
    this.#world = world;
    this.#storyLines = storyLines;
  }

  of(service: SimService): Watched {
    const known = this.#watched.get(service);
    if (known) return known;
    const watched = new Watched(service, this.#storyLines);
    this.#watched.set(service, watched);
    return watched;
  }

  /** The story of the service of that name, or of the one that changed most. */
  storyOf(name: string): readonly string[] {
    const named = this.all.find(({ service: { key } }) => `${key.tenant}/${key.id}` === name);
    const most = this.all.reduce((one, other) => (other.writes > one.writes ? other : one));
    return (named ?? most).story;
  }

  get all(): readonly Watched[] {
    return [...this.#watched.values()];
  }

  /** Adds a line to a service's story. */
  tells(service: SimService, line: () => string): void {
    if (this.#storyLines === 0) return;
    const { now } = this.#world.engine;
    this.of(service).tells(() => `${new Date(now).toISOString().slice(5, 23)} ${line()}`);
  }

  registered(service: SimService): void {
    this.tells(service, () => `registered: ${JSON.stringify(service.document)}`);
  }

  looked(service: SimService, isReadiness: boolean, answer: Observation, invocation: Invocation): void {
    const { memory } = invocation;
    this.#world.engine.digest.add(service.index * 8 + answer.verdict.length);
    if (!isReadiness) this.#seen(service, answer, invocation);
    else if (answer.verdict === 'up' || answer.verdict === 'unknown') memory.unready.delete(service);
    else memory.unready.add(service);
  }

  #seen(service: SimService, answer: Observation, invocation: Invocation): void {
    invocation.memory.seen.set(service, answer);
    if (answer.verdict === 'unknown') return;
    if (answer.verdict !== 'down') return void (this.of(service).unwritten = undefined);
    const { engine, table } = this.#world;
    const intervalSeconds = table.itemOf(service.key)?.stored.service.probe.intervalSeconds;
    if (intervalSeconds === undefined) return;
    const down = { watched: this.of(service), intervalSeconds, at: engine.now, invocation };
    this.#ask('onSeenDown', service, (tell, check) => tell(down, check));
  }

  askedEcs(service: SimService, { graceSeconds }: EcsProbe, shortage: Shortage, verdict: Verdict): void {
    if (shortage.lackingMs > 0) this.#world.stats.happened('look at a service that lacks tasks');
    const asked = { shortage, graceMs: graceSeconds * 1000, verdict };
    this.#ask('onEcsAsked', service, (tell, check) => tell(asked, check));
  }

  committed(written: Written): void {
    const commit = commitOf(written, this.of(written.service));
    const { watched, service, after } = commit;
    this.#digest(service, after.sequence * 16 + after.health.length, after.lastBeat);
    const truth = service.isWell ? '' : ` (truth: ${service.liveness.verdict})`;
    this.tells(service, () => `${tale(commit)}${truth}`);
    watched.lastWriteAt = this.#world.engine.now;
    watched.counts(commit);
    this.#ask('onCommit', service, (tell, check) => tell(commit, check, this.#world));
    watched.follows(commit);
    if (commit.ordered?.trigger === 'automatic') for (const heard of this.#world.onOrder) heard(service);
    if (commit.ended) this.#world.stats.happened(`restart ${commit.ended.phase}`);
  }

  sent(step: RestartStep, order: RestartOrder, invocation: Invocation): void {
    const { engine, stats, restarters } = this.#world;
    const service = restarters.ownerOf(step);
    const sent = { watched: this.of(service), step, order, invocation, at: engine.now };
    this.#digest(service, 7, engine.now);
    stats.happened('restart sent');
    sent.watched.wasSent(sent);
    this.tells(service, () => `#${invocation.id} really sends ${order.restartId} by ${step.kind}`);
    this.#ask('onSent', service, (tell, check) => tell(sent, check, this.#world));
  }

  taskStopped(step: RestartStep, facts: StopFacts, invocation: Invocation): void {
    const service = this.#world.restarters.ownerOf(step);
    this.#world.stats.happened('task stopped');
    this.#digest(service, 15, facts.stopped);
    this.tells(service, () => `#${invocation.id} stops a task, ${facts.missing} are to be replaced`);
    const stopped = { watched: this.of(service), facts, invocation };
    this.#ask('onTaskStopped', service, (tell, check) => tell(stopped, check));
  }

  roundsEnded(step: RestartStep, order: RestartOrder, { startedAt }: Invocation): void {
    const { restarters, stats } = this.#world;
    const service = restarters.ownerOf(step);
    const backend = restarters.backendOf(step);
    if (!(backend instanceof EcsBackend)) return;
    const { tasks, described } = backend;
    const { missing, stopped } = tasks.countsOf(order.restartId);
    if (stopped > MORE_THAN_ONE_ROUND) stats.happened('tasks stopped in rounds');
    const hasDeployed = described.deployments[0]?.id !== order.before;
    const ill = tasks.illBefore(Math.min(order.begunAt, startedAt), startedAt);
    const ended = { order, missing, stopped, hasDeployed, ill };
    this.#ask('onRoundsEnded', service, (tell, check) => tell({ watched: this.of(service), ...ended }, check));
  }

  published(notice: Notice, invocation: Invocation): void {
    const document = alertDocumentSchema.parse(JSON.parse(notice.json));
    if (document.storm) return this.#stormTold(document.deduplicationKey, notice, invocation);
    for (const one of document.group?.alerts ?? [document]) this.#told(one, invocation);
    if (document.group) this.#world.stats.happened('told: group');
  }

  #told({ deduplicationKey: key, service: named, level }: GroupEntry, invocation: Invocation): void {
    const service = this.#world.services.find((each) => each.key.id === named?.id && each.key.tenant === named.tenant);
    if (!service) throw new Error('an alert of nobody');
    const watched = this.of(service);
    const alert = watched.alerts.get(key);
    this.#digest(service, 11, key.length);
    this.tells(service, () => `#${invocation.id} publishes ${key}`);
    this.#world.stats.happened(`alert ${level}`);
    const isGrouped = this.#world.fleet.isWaiting(key);
    this.#ask('onPublished', service, (tell, check) => tell({ watched, alert, key, isGrouped, invocation }, check));
    alert?.publishedBy.push(invocation);
    if (alert && isGrouped) alert.isGrouped = true;
    invocation.memory.published.push(key);
  }

  /** The key of a state change ends with the intent that it is about. */
  onBus({ key, type, detail }: BusEntry): void {
    const named = onBusSchema.parse(JSON.parse(detail)).service;
    const service = this.#world.services.find((each) => each.key.id === named?.id && each.key.tenant === named.tenant);
    const isChange = type === busDetailTypes.stateChange;
    this.#world.stats.happened(isChange ? 'on the bus: state change' : 'on the bus: alert');
    if (!service) return void this.#stormsOnBus.add(key);
    this.#digest(service, 13, key.length);
    this.tells(service, () => `the event bus takes ${key}`);
    this.of(service).onBus.add(isChange ? `change ${key.split('-').at(-1)}` : key);
  }

  #stormTold(key: string, { attributes }: Notice, invocation: Invocation): void {
    const before = this.#stormsTold.get(key) ?? [];
    const { storms } = this.#world.fleet;
    this.#world.stats.happened(`told: ${String(attributes['kind'])}`);
    this.#ask('onStormTold', undefined, (tell, check) => tell({ key, before, invocation, storms }, check));
    this.#stormsTold.set(key, [...before, invocation]);
  }

  recorded({ tenant, id, intentId, kind }: TimelineRecord, invocation: Invocation): void {
    this.#world.stats.happened(`record ${kind}`);
    const service = this.#world.table.itemOf({ tenant, id })?.service;
    if (service) this.of(service).records.delete(intentId);
    invocation.memory.recorded.push(intentId);
  }

  rowSaved(row: PackedRow): void {
    this.#world.stats.happened('looks of packs', row.checked);
    this.#ask('onRow', undefined, (tell, check) => tell(row, check));
  }

  /** An invocation ended with an error: explained by the weather, or a bug of ours. */
  failed(invocation: Invocation, error: unknown): void {
    for (const inner of error instanceof AggregateError ? error.errors : [error])
      if (OUR_FAULTS.some((kind) => inner instanceof kind))
        this.#violated(
          'no fault of our own',
          `${invocation.name} threw ${String(inner)} ${(inner as Error).stack}`,
          undefined,
        );
  }

  /** The world has been quiet for long: checks what must hold then. */
  async ends(): Promise<void> {
    const { table, engine, fleet, slots } = this.#world;
    const storms = { told: [...this.#stormsTold.keys()], onBus: this.#stormsOnBus };
    const ended = { table, engine, fleet, slots, storms, counts: await fleet.counts() };
    for (const watched of this.all) this.#ask('onEnd', watched.service, (tell, check) => tell(watched, check, ended));
  }

  /** Calls the invariants that listen to this. */
  #ask<H extends Hook>(
    hook: H,
    service: SimService | undefined,
    question: (tell: Told<H>, check: Check) => void,
  ): void {
    this.#asked = service;
    for (const { name, index, tell } of hooked[hook]) question(tell, (this.#checks[index] ??= this.#checkOf(name)));
  }

  /** Counts and judges for one invariant. Created once, because it is needed at every step. */
  #checkOf(name: string): Check {
    const { checks } = this.#world.stats;
    return (isTrue, complaint) => {
      addTo(checks, name);
      if (!isTrue) this.#violated(name, complaint(), this.#asked);
    };
  }

  #violated(invariant: string, complaint: string, service: SimService | undefined): void {
    if (this.violation) return;
    const { engine } = this.#world;
    const story = service ? this.of(service).story : [];
    const name = service ? `${service.key.tenant}/${service.key.id}` : 'the fleet';
    this.violation = { invariant, complaint, service: name, at: engine.now, story };
    engine.stop();
  }

  #digest({ index }: SimService, what: number, value: number): void {
    const { digest } = this.#world.engine;
    digest.add(index * 32 + what);
    digest.add(value);
  }
}
