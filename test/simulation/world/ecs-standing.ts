// The state of a service with an `ecs` probe: tasks are lost and replaced, scaled out and in, and rolled out, by ECS
// alone and besides all that ails the service. What restarts do to tasks is in backends/ecs-tasks.ts.
import { ecsStateOf } from '../../../lambdas/adapters/ecs-service-state.ts';
import type { EcsState } from '../../../lambdas/core/judging/judge-ecs.ts';
import type { Engine } from '../engine/engine.ts';
import { HOUR_MS } from './clocks.ts';
import type { SimService } from './sim-service.ts';
import { serviceAnswer, type Task, taskAnswer } from './standing-answers.ts';

/** The truth behind ECS's answers. */
export type Shortage = Readonly<{
  running: number;
  /** For how long fewer tasks than wanted have run since some were lost, in ms; 0 if none is missing. */
  lackingMs: number;
  /** Nothing but losses has happened since all wanted tasks ran. */
  isPlain: boolean;
}>;

const LOST = 'Essential container in task exited';
const SCALED = 'Scaling activity initiated by deployment ecs-svc/1';
/** How long ECS remembers stopped tasks, at least. */
const KEPT_MS = HOUR_MS;

export class EcsStanding {
  readonly #engine: Engine;
  #wanted: number;
  #tasks: Task[];
  #rolloutAt: number | undefined;
  #lackingSince: number | undefined;
  #isPlain = true;
  /** Events that were planned before everything was repaired no longer happen. */
  #mendings = 0;

  constructor(engine: Engine, wanted: number) {
    this.#engine = engine;
    this.#wanted = wanted;
    this.#tasks = this.#fresh();
  }

  /** Nothing is changing: neither scaling nor a deployment is under way. */
  get isWhole(): boolean {
    return this.#rolloutAt === undefined && this.#running.length >= this.#wanted && this.#draining.length === 0;
  }

  /** ECS's answer; `isOut`: the service's ailment has left none of its tasks. */
  stateNow(isOut: boolean): EcsState {
    const { now } = this.#engine;
    const running = isOut ? [] : this.#running;
    const service = serviceAnswer(this.#wanted, running.length, this.#rolloutAt);
    // If no task is missing, nothing more is asked.
    if (isOut || running.length >= this.#wanted) return ecsStateOf(service, [], []);
    const stopped = this.#tasks.filter(({ endsAt }) => endsAt <= now);
    const told = (tasks: readonly Task[]) => tasks.map((task) => taskAnswer(task, now));
    return ecsStateOf(service, told(stopped), told(running));
  }

  get shortage(): Shortage {
    const lackingMs = this.#lackingSince === undefined ? 0 : this.#engine.now - this.#lackingSince;
    return { running: this.#running.length, lackingMs, isPlain: this.#isPlain };
  }

  /** One task ends by itself; another replaces it after this time, in ms. */
  loses(replacedAfterMs: number): void {
    if (this.#draining.length > 0 || this.#rolloutAt !== undefined) this.#isPlain = false;
    this.#ends(LOST, 0);
    this.#startsAfter(replacedAfterMs);
    if (this.#running.length < this.#wanted) this.#lackingSince ??= this.#engine.now;
  }

  /** One more task is wanted; machines may have to be added for it first. */
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

  /**
   * One task after the other is removed, drains, and is replaced: a rollout that may not run more tasks than wanted.
   */
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

  /** Ends the oldest running task. */
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

/** For services with an `ecs` probe; two to five tasks each. */
export const standingsOf = (engine: Engine, services: readonly SimService[]): ReadonlyMap<SimService, EcsStanding> =>
  new Map(
    services
      .filter(({ document }) => (document['probe'] as { kind: string }).kind === 'ecs')
      .map((service) => [service, new EcsStanding(engine, 2 + (service.index % 4))] as const),
  );
