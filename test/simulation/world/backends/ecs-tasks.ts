// The tasks of one ECS service: some fall ill when the service goes down, those that are stopped take their time, and
// ECS replaces them. Between two calls nothing happens; what is due is caught up at the next call.
import type { EcsTask } from '../../../../lambdas/adapters/ecs-task-answers.ts';
import type { RestartStep } from '../../../../lambdas/core/model/restart-spec.ts';
import { type Course, drawCourse, type Place } from './backend.ts';
import { works } from './remedy.ts';

/** The order that stopped it, with which its reason begins; when it is gone, and when another has replaced it. */
type Stop = {
  readonly restartId: string;
  readonly reason: string;
  goneAt: number;
  replacedAt: number;
  isReplaced: boolean;
};
type Task = {
  readonly id: string;
  readonly startedAt: number;
  /** The order that stopped the task which this one replaces. */
  readonly replaces: string | undefined;
  isIll: boolean;
  /** When it fell ill last, and when it became well again; 0 if it never was ill. */
  illAt: number;
  wellAt: number;
  stop: Stop | undefined;
};

/** The truth about one stop. */
export type StopFacts = Readonly<{
  /** Until when it was ill, epoch ms; 0 if it never was. */
  illUntil: number;
  /** The order of this stop, and the one whose stop has brought the task up. */
  restartId: string;
  replaces: string | undefined;
  /** Of this order: how many of its stopped tasks are not replaced, and how many were stopped in all. */
  missing: number;
  stopped: number;
}>;

/**
 * Not drawn, so that everything else of a seed stays the same. A hundred tasks are the most that one order may stop.
 */
const SIZES = [1, 3, 12, 25, 40, 115] as const;
/** The least time to start a task, in ms: longer than clocks may differ. */
const START_MS = 4_000;
const KEPT = 400;

export class EcsTasks {
  readonly #place: Place;
  #running: Task[];
  readonly #stopped: Task[] = [];
  /** How the orders that have stopped tasks go on, and in how many rounds. */
  readonly #courses = new Map<string, Course>();
  /** The outage in which tasks fell ill last. */
  #struckIn = 0;

  constructor(place: Place) {
    this.#place = place;
    const count = SIZES[place.service.index % SIZES.length] ?? 1;
    this.#running = Array.from({ length: count }, () => this.#fresh(place.world.engine.now, undefined));
    this.wanted = count;
  }

  readonly wanted: number;

  /** As ECS counts them: a task that is being stopped runs until it has gone. */
  get running(): number {
    this.#pass();
    const { now } = this.#place.world.engine;
    return this.#running.length + this.#stopped.filter(({ stop }) => stop && now < stop.goneAt).length;
  }

  listed(desiredStatus: 'RUNNING' | 'STOPPED', step: RestartStep): readonly EcsTask[] {
    this.#settle(step);
    const { now } = this.#place.world.engine;
    return (desiredStatus === 'RUNNING' ? this.#running : this.#stopped).map((task) => answerOf(task, now));
  }

  described(tasks: readonly string[], step: RestartStep): readonly EcsTask[] {
    this.#settle(step);
    const { now } = this.#place.world.engine;
    const all = [...this.#running, ...this.#stopped];
    return all.filter(({ id }) => tasks.includes(id)).map((task) => answerOf(task, now));
  }

  /** Undefined: it has stopped already, so nothing changes. */
  stop(id: string, reason: string, step: RestartStep): StopFacts | undefined {
    this.#settle(step);
    const { engine } = this.#place.world;
    const task = this.#running.find((one) => one.id === id);
    if (!task) return undefined;
    const restartId = /^Lamplighter (\S+):/.exec(reason)?.[1] ?? '';
    const { end, takesMs } = this.#courseOf(restartId, step);
    const upMs = Math.max(START_MS, end === 'comes_up' ? takesMs : 2_000 * step.timeoutSeconds);
    const [goneAt, replacedAt] = [engine.now + Math.round(upMs / 3), engine.now + Math.round(upMs)];
    const illUntil = task.isIll ? engine.now : task.wellAt;
    this.#running = this.#running.filter((one) => one !== task);
    task.stop = { restartId, reason, goneAt, replacedAt, isReplaced: false };
    this.#stopped.push(task);
    if (this.#stopped.length > KEPT) this.#stopped.shift();
    engine.at(replacedAt, () => this.#isReplaced());
    return { illUntil, replaces: task.replaces, restartId, ...this.countsOf(restartId) };
  }

  countsOf(restartId: string): Readonly<{ missing: number; stopped: number }> {
    const { now } = this.#place.world.engine;
    const its = this.#stopped.filter(({ stop }) => stop?.restartId === restartId);
    return { missing: its.filter(({ stop }) => stop && stop.replacedAt > now).length, stopped: its.length };
  }

  /** Tasks that have been ill since before `seenFrom`, and that were not started after `begunAt`. */
  illBefore(begunAt: number, seenFrom: number): number {
    return this.#running.filter(({ isIll, illAt, startedAt }) => isIll && illAt < seenFrom && startedAt < begunAt)
      .length;
  }

  /** A deployment has replaced all of them. */
  areReplaced(): void {
    const { now } = this.#place.world.engine;
    for (const { stop } of this.#stopped)
      if (stop && !stop.isReplaced)
        Object.assign(stop, { goneAt: Math.min(stop.goneAt, now), replacedAt: now, isReplaced: true });
    this.#running = Array.from({ length: this.wanted }, () => this.#fresh(now, undefined));
    this.#struckIn = 0;
  }

  #fresh(startedAt: number, replaces: string | undefined): Task {
    const id = `task-${(this.#place.world.handles += 1)}`;
    return { id, startedAt, replaces, isIll: false, illAt: 0, wellAt: 0, stop: undefined };
  }

  /** Limits the rounds to what the time of the step allows: an order that finds more fails by its time. */
  #courseOf(restartId: string, step: RestartStep): Course {
    const known = this.#courses.get(restartId);
    if (known) return known;
    const drawn = drawCourse(this.#place, step);
    const rounds = Math.ceil(Math.min(100, this.#running.filter(({ isIll }) => isIll).length) / 10);
    const course = { ...drawn, takesMs: drawn.takesMs / Math.max(1, rounds) };
    this.#courses.set(restartId, course);
    return course;
  }

  /** Brings up the replacements whose time has come. */
  #pass(): void {
    const { now } = this.#place.world.engine;
    for (const { stop } of this.#stopped) {
      if (!stop || stop.isReplaced || stop.replacedAt > now) continue;
      stop.isReplaced = true;
      this.#running.push(this.#fresh(stop.replacedAt, stop.restartId));
    }
  }

  /** ECS finds out which tasks are ill when somebody asks. */
  #settle(step: RestartStep): void {
    this.#pass();
    const { service, world } = this.#place;
    if (service.liveness.verdict !== 'down') {
      for (const task of this.#running.filter(({ isIll }) => isIll))
        Object.assign(task, { isIll: false, wellAt: world.engine.now });
      return;
    }
    if (this.#struckIn === service.outages) return;
    this.#struckIn = service.outages;
    const ill = Math.ceil(this.wanted * world.acts.pick([0.3, 0.8, 1]));
    // One round fits into thirty seconds, three into two minutes.
    const most = step.timeoutSeconds < 100 ? 10 : step.timeoutSeconds < 300 ? 30 : world.isQuiet ? 100 : Infinity;
    for (const task of this.#running.slice(0, Math.min(ill, most))) this.#falls(task);
  }

  /** When none of them is ill any more, the service is healed, unless its ailment needs another remedy. */
  #isReplaced(): void {
    this.#pass();
    const { service, world } = this.#place;
    const isStruck = service.liveness.verdict === 'down' && this.#struckIn === service.outages;
    if (!isStruck || this.#running.some(({ isIll }) => isIll) || this.#running.length < this.wanted) return;
    works('stop-tasks', service, world.engine.now);
    if (service.liveness.verdict !== 'down') return;
    for (const task of this.#running) if (task.replaces !== undefined) this.#falls(task);
  }

  #falls(task: Task): void {
    Object.assign(task, { isIll: true, illAt: this.#place.world.engine.now });
  }
}

function answerOf({ id, startedAt, isIll, stop }: Task, now: number): EcsTask {
  return {
    taskArn: id,
    lastStatus: !stop ? 'RUNNING' : now < stop.goneAt ? 'STOPPING' : 'STOPPED',
    desiredStatus: stop ? 'STOPPED' : 'RUNNING',
    healthStatus: isIll ? 'UNHEALTHY' : 'HEALTHY',
    startedAt: new Date(startedAt),
    ...(stop && { stoppedReason: stop.reason }),
    containers: [],
  };
}
