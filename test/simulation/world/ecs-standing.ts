// How the service stands that ECS itself is asked about: tasks are lost and replaced, scaled out and in, and rolled out, by
// ECS alone and beside all that ails the service. What restarts do to tasks is in backends/ecs-tasks.ts.
import { ecsStateOf } from '../../../lambdas/adapters/ecs-service-state.ts';
import type { EcsState } from '../../../lambdas/core/judging/judge-ecs.ts';
import type { Engine } from '../engine/engine.ts';
import { HOUR_MS } from './clocks.ts';
import type { SimService } from './sim-service.ts';
import { serviceAnswer, type Task, taskAnswer } from './standing-answers.ts';

/** The truth of what ECS was asked about. */
export type Shortage = Readonly<{
  running: number;
  /** For how long fewer run than are wanted since some were lost, in ms; 0 where none is missing. */
  lackingMs: number;
  /** Nothing but losses has befallen it since all ran that were wanted. */
  isPlain: boolean;
}>;

const LOST = 'Essential container in task exited';
const SCALED = 'Scaling activity initiated by deployment ecs-svc/1';
/** So long at least ECS remembers what has stopped. */
const KEPT_MS = HOUR_MS;

export class EcsStanding {
  readonly #engine: Engine;
  #wanted: number;
  #tasks: Task[];
  #rolloutAt: number | undefined;
  #lackingSince: number | undefined;
  #isPlain = true;
  /** What was planned before all was mended happens no more. */
  #mendings = 0;

  constructor(engine: Engine, wanted: number) {
    this.#engine = engine;
    this.#wanted = wanted;
    this.#tasks = this.#fresh();
  }

  /** Nothing moves: neither those who scale nor a deployment come in between. */
  get isWhole(): boolean {
    return this.#rolloutAt === undefined && this.#running.length >= this.#wanted && this.#draining.length === 0;
  }

  /** As ECS tells it; `isOut`: what ails the service has left none of its tasks. */
  stateNow(isOut: boolean): EcsState {
    const { now } = this.#engine;
    const running = isOut ? [] : this.#running;
    const service = serviceAnswer(this.#wanted, running.length, this.#rolloutAt);
    // Of a service that lacks none nobody asks more.
    if (isOut || running.length >= this.#wanted) return ecsStateOf(service, [], []);
    const stopped = this.#tasks.filter(({ endsAt }) => endsAt <= now);
    const told = (tasks: readonly Task[]) => tasks.map((task) => taskAnswer(task, now));
    return ecsStateOf(service, told(stopped), told(running));
  }

  get shortage(): Shortage {
    const lackingMs = this.#lackingSince === undefined ? 0 : this.#engine.now - this.#lackingSince;
    return { running: this.#running.length, lackingMs, isPlain: this.#isPlain };
  }

  /** One ends by itself; another stands there in its place so much later, in ms. */
  loses(replacedAfterMs: number): void {
    if (this.#draining.length > 0 || this.#rolloutAt !== undefined) this.#isPlain = false;
    this.#ends(LOST, 0);
    this.#startsAfter(replacedAfterMs);
    if (this.#running.length < this.#wanted) this.#lackingSince ??= this.#engine.now;
  }

  /** One more is wanted; machines may have to be added for it first. */
  scalesOut(startsAfterMs: number): void {
    this.#wanted += 1;
    this.#startsAfter(startsAfterMs);
    this.#isPlain = false;
  }

  scalesIn(drainMs: number): void {
    if (this.#wanted < 2) return;
    this.#wanted -= 1;
    this.#ends(SCALED, drainMs);
  }

  /** One after the other is taken away, drains, and is replaced: so a rollout goes that may not run more than are wanted. */
  rollsOut(drainMs: () => number, startsAfterMs: () => number): void {
    this.#rolloutAt = this.#engine.now;
    const next = (left: number): void => {
      if (left === 0) this.#rolloutAt = undefined;
      if (left === 0) return;
      const goneMs = drainMs();
      this.#isPlain = false;
      this.#ends(SCALED, goneMs);
      this.#startsAfter(goneMs + startsAfterMs(), () => next(left - 1));
    };
    next(this.#wanted > 1 ? this.#wanted : 0);
  }

  isMended(): void {
    this.#mendings += 1;
    this.#tasks = this.#fresh();
    this.#rolloutAt = this.#lackingSince = undefined;
    this.#isPlain = true;
  }

  get #running(): readonly Task[] {
    return this.#tasks.filter(({ endsAt }) => endsAt === Infinity);
  }

  get #draining(): readonly Task[] {
    const { now } = this.#engine;
    return this.#tasks.filter(({ endsAt, goneAt }) => endsAt <= now && now < goneAt);
  }

  #fresh(): Task[] {
    return Array.from({ length: this.#wanted }, () => this.#newTask());
  }

  readonly #newTask = (): Task => ({ startedAt: this.#engine.now, endsAt: Infinity, goneAt: Infinity });

  /** The oldest of those that run. */
  #ends(reason: string, drainMs: number): void {
    const { now } = this.#engine;
    const [task] = this.#running;
    if (task) Object.assign(task, { reason, endsAt: now, goneAt: now + drainMs });
    this.#tasks = this.#tasks.filter(({ goneAt }) => now - goneAt < KEPT_MS);
  }

  #startsAfter(ms: number, then: () => void = () => undefined): void {
    const mendings = this.#mendings;
    this.#engine.at(Math.round(this.#engine.now + ms), () => {
      if (mendings !== this.#mendings) return;
      if (this.#running.length < this.#wanted) this.#tasks.push(this.#newTask());
      if (this.#running.length >= this.#wanted) {
        this.#lackingSince = undefined;
        this.#isPlain = true;
      }
      then();
    });
  }
}

/** Of the services that ECS is asked about; two to five tasks each. */
export const standingsOf = (engine: Engine, services: readonly SimService[]): ReadonlyMap<SimService, EcsStanding> =>
  new Map(
    services
      .filter(({ document }) => (document['probe'] as { kind: string }).kind === 'ecs')
      .map((service) => [service, new EcsStanding(engine, 2 + (service.index % 4))] as const),
  );
