// Everything outside the functions, for one run: made from a seed and nothing else.
import { functionTimeoutSeconds } from '../../../lambdas/contract/limits.ts';
import type { ProbeMessage, RestartMessage } from '../../../lambdas/contract/messages.ts';
import type { GroupRules } from '../../../lambdas/core/alerts/group.ts';
import type { StormRules } from '../../../lambdas/core/health/storm.ts';
import type { Notice } from '../../../lambdas/ports/alerts.ts';
import { Engine } from '../engine/engine.ts';
import { Random } from '../engine/random.ts';
import { Observer } from '../invariants/observer.ts';
import { Stats } from '../stats.ts';
import { Bus } from './bus.ts';
import { CALM, Chaos } from './chaos.ts';
import { MAX_SKEW_MS, START } from './clocks.ts';
import { Dependencies } from './dependencies.ts';
import { withActs } from './draw-acts.ts';
import { drawFleet } from './draw-fleet.ts';
import { drawGroups } from './draw-groups.ts';
import { type EcsStanding, standingsOf } from './ecs-standing.ts';
import { FleetTable } from './fleet-table.ts';
import { runAlert, runProbe, runRestart } from './functions.ts';
import { type FunctionName, Invocation } from './invocation.ts';
import { Network } from './network.ts';
import { People } from './people.ts';
import { Queue } from './queue.ts';
import { Requests } from './requests.ts';
import { Restarters } from './restarters.ts';
import { Rounds } from './rounds.ts';
import type { SimService } from './sim-service.ts';
import type { Queues, Telling } from './sinks.ts';
import { SlotTable } from './slots.ts';
import { Table } from './table.ts';

const CONTAINERS = 3;
/** As in the stack: six times the function's timeout. */
const visibilityMs = (name: 'probe' | 'restart' | 'alert') => functionTimeoutSeconds[name] * 6_000;

/** One fleet in three never becomes large enough for a storm, so that many restarts at once are seen too. */
function drawStormRules(random: Random): StormRules {
  const least = random.pick([4, 6, 10, Infinity]);
  return { share: random.pick([0.3, 0.5, 0.8]), least, cooldownMs: random.pick([60_000, 120_000, 600_000]) };
}

/** Two hours of every day, if there are any: shorter than a real night, so that a run sees both ends. */
export const QUIET_MS = 2 * 3_600_000;
function drawGroupRules(random: Random): GroupRules {
  const groupMs = random.pick([0, 60_000, 60_000, 60_000, 300_000]);
  const from = random.pick([0, 2, 4, 12, 22, 23]);
  const [begin, end] = [from, (from + QUIET_MS / 3_600_000) % 24].map((hour) => `${String(hour).padStart(2, '0')}:00`);
  const levels = random.pick([['info'], ['info', 'warning'], ['info', 'warning', 'error']] as const);
  const quietHours = { from: begin ?? '', to: end ?? '', timeZone: 'Europe/Berlin', levels: [...levels] };
  return { groupMs, ...(random.chance(0.4) && { quietHours }) };
}

/** A world that is given, not drawn. */
export type Given = Readonly<{
  shards: number;
  services: readonly SimService[];
  stormRules: StormRules;
  groupRules: GroupRules;
}>;

/** How often orders come to nothing: drawn for each run. */
export type Luck = Readonly<{ failing: number; hanging: number; refusing: number }>;

export class World {
  readonly engine = new Engine(START);
  readonly stats = new Stats();
  /** For the faults of services; the weather has a stream of its own. */
  readonly fate: Random;
  readonly chaos: Chaos;
  /** For the faults of the news of storms, of which there are few. */
  readonly gale: Random;
  readonly shards: number;
  readonly maxInFlight: number;
  readonly services: readonly SimService[];
  readonly dependencies: Dependencies;
  readonly observer: Observer;
  readonly table: Table;
  readonly fleet = new FleetTable();
  readonly slots: SlotTable;
  readonly network: Network;
  readonly restarters: Restarters;
  /** The tasks of services with an `ecs` probe. */
  readonly standings: ReadonlyMap<SimService, EcsStanding>;
  readonly rounds: Rounds;
  readonly people: People;
  readonly requests: Requests;
  readonly bus: Bus;
  /** The acts around restarts are drawn from a stream of their own. */
  readonly acts: Random;
  readonly queues: Queues;
  luck: Luck;
  readonly stormRules: StormRules;
  readonly groupRules: GroupRules;
  /** Called at automatic orders, so that faults can come in between. */
  readonly onOrder: ((service: SimService) => void)[] = [];
  /** Nothing goes wrong any more. */
  isQuiet = false;
  /** Called with every notice that SNS has taken. */
  readonly onNotice: ((notice: Notice) => void)[] = [];
  /** Numbers deployments and commands. */
  handles = 0;
  #invocations = 0;
  readonly #skews: Readonly<Record<FunctionName, readonly number[]>>;

  /** `storyLines`: how much of each service's story is kept. */
  constructor(seed: number, storyLines: number, given?: Given) {
    const random = new Random(seed);
    this.fate = random.stream('fate');
    this.chaos = new Chaos(random.stream('chaos'), this.stats);
    const draw = random.stream('fleet');
    this.shards = given?.shards ?? draw.pick([1, 1, 2, 4, 16]);
    this.maxInFlight = draw.pick([10, 50, 100]);
    this.luck = { failing: draw.next() ** 2 * 0.6, hanging: draw.next() ** 2 * 0.2, refusing: draw.next() ** 3 * 0.1 };
    this.stormRules = given?.stormRules ?? drawStormRules(random.stream('storm rules'));
    this.groupRules = given?.groupRules ?? drawGroupRules(random.stream('group rules'));
    const skews = () => Array.from({ length: CONTAINERS }, () => draw.int(-MAX_SKEW_MS, MAX_SKEW_MS));
    this.#skews = {
      schedule: skews(),
      probe: skews(),
      restart: skews(),
      alert: skews(),
      api: skews(),
      rollup: skews(),
    };
    this.services = given?.services ?? drawFleet(draw, this.shards, START);
    if (!given) {
      const groups = drawGroups(random.stream('groups'), this.services.length);
      this.services.forEach((service, index) => service.belongsTo(groups[index] ?? service.groups));
    }
    this.gale = random.stream('gale');
    this.acts = random.stream('acts');
    const drawn = given ? [] : this.services;
    for (const service of drawn) service.document = withActs(this.acts, service.document);
    this.dependencies = new Dependencies(this, random.stream('dependencies'), drawn);
    this.slots = new SlotTable(this, random.stream('slots'));
    this.observer = new Observer(this, storyLines);
    this.table = new Table(this, this.shards);
    this.network = new Network(this);
    this.restarters = new Restarters(this);
    this.standings = standingsOf(this.engine, this.services);
    this.rounds = new Rounds(this);
    this.people = new People(this);
    this.requests = new Requests(this, this.acts.stream('requests'));
    this.bus = new Bus(this, random.stream('bus'));
    const queue = <T>(
      name: 'probe' | 'restart' | 'alert',
      tries: number,
      run: (world: World, body: T, invocation: Invocation) => Promise<void>,
    ) => new Queue<T>(this, { name, tries, visibilityMs: visibilityMs(name) }, (body, life) => run(this, body, life));
    this.queues = {
      probe: queue<ProbeMessage>('probe', 3, runProbe),
      restart: queue<RestartMessage>('restart', 5, runRestart),
      alert: queue<Telling>('alert', 10, runAlert),
    };
  }

  /** Runs a function once; `ended` is called with whether it ended well. */
  invoke(
    name: FunctionName,
    run: (invocation: Invocation) => Promise<void>,
    ended: (isDone: boolean) => void = () => undefined,
  ): void {
    const skews = this.#skews[name];
    const skewMs = this.chaos.weather === CALM ? (skews[0] ?? 0) : (skews[this.chaos.upTo(CONTAINERS)] ?? 0);
    const invocation = new Invocation((this.#invocations += 1), name, skewMs, this.engine, this.chaos);
    invocation.onDeath = () => {
      this.stats.injected('function died');
      ended(false);
    };
    run(invocation).then(
      () => {
        if (invocation.isDead) return;
        invocation.end = 'done';
        ended(true);
      },
      (error: unknown) => {
        if (invocation.isDead) return;
        invocation.end = 'failed';
        this.observer.failed(invocation, error);
        ended(false);
      },
    );
  }

  /** Nothing goes wrong any more, and people have repaired what was broken. */
  becomesQuiet(): void {
    const { now } = this.engine;
    this.isQuiet = true;
    this.chaos.weather = CALM;
    this.luck = { failing: 0, hanging: 0, refusing: 0 };
    this.network.ownTroubles = 0;
    this.rounds.stops = 0;
    for (const queue of Object.values(this.queues)) queue.backlogMs = 0;
    void this.fleet.switchTo({ restartsOn: true });
    for (const item of this.table.items.values()) item.isPoisoned = false;
    this.dependencies.areMended();
    for (const service of this.services) service.isCured(now);
    this.restarters.areMended();
    for (const standing of this.standings.values()) standing.isMended();
    this.people.resumeAll();
  }
}
