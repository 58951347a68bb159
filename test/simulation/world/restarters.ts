// The Restarter port: every question and every order goes to the backend of the step concerned. Rounds of stopped tasks
// are decided by the production code; each of its questions is one to ECS, and each stop an order.
import { findRound, followRounds, sendRound, type TaskControl } from '../../../lambdas/adapters/ecs-stop-rounds.ts';
import { RestartError } from '../../../lambdas/adapters/restart-error.ts';
import type { RestartStep } from '../../../lambdas/core/model/restart-spec.ts';
import type { Restarter, RestartOrder } from '../../../lambdas/ports/restarter.ts';
import type { Backend } from './backends/backend.ts';
import { EcsBackend } from './backends/ecs.ts';
import { remedyOf } from './backends/remedy.ts';
import { SsmBackend } from './backends/ssm.ts';
import { CALM } from './chaos.ts';
import { type Invocation, Outage } from './invocation.ts';
import type { SimService } from './sim-service.ts';
import type { World } from './world.ts';

/** Why SSM takes no command for a host, whatever it says of its agent. */
export const HOST_GONE = 'a host is stopping or gone';

/** An order that AWS will never take: retrying cannot help. */
class Refused extends Error {
  override readonly name = 'AccessDeniedException';
  readonly isTransient = false;
}

/**
 * How long ECS may take to answer about tasks, and for all pages of them, in ms: so that two invocations can ask at the
 * same time.
 */
const ASKING_MS = 200;
const LISTING_MS = 2_000;

/** The name of the place that a step restarts. */
const placeName = (step: RestartStep): string =>
  step.kind === 'ecs' ? `${step.cluster}/${step.service}` : step.instanceIds.join(',');

export class Restarters {
  /**
   * While AWS itself is in trouble, no question to SSM or ECS is answered. Answers of an order whether it is carried
   * out, which nobody is told either.
   */
  trouble: (() => boolean) | undefined;
  readonly #backends = new Map<string, Backend>();
  readonly #owners = new Map<string, SimService>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  connect(step: RestartStep, service: SimService): void {
    this.#owners.set(placeName(step), service);
    this.backendOf(step);
  }

  /** The places that others may disturb. */
  get places(): readonly (readonly [SimService, Backend])[] {
    return [...this.#backends].flatMap(([name, backend]) => {
      const service = this.#owners.get(name);
      return service ? [[service, backend] as const] : [];
    });
  }

  areMended(): void {
    this.trouble = undefined;
    for (const backend of this.#backends.values()) backend.isMended();
  }

  ownerOf(step: RestartStep): SimService {
    const service = this.#owners.get(placeName(step));
    if (!service) throw new Error(`nobody registered ${placeName(step)}`);
    return service;
  }

  backendOf(step: RestartStep): Backend {
    const name = placeName(step);
    const known = this.#backends.get(name);
    if (known) return known;
    const place = { world: this.#world, service: this.ownerOf(step), name };
    const backend = step.kind === 'ecs' ? new EcsBackend(place) : new SsmBackend(place);
    this.#backends.set(name, backend);
    return backend;
  }

  /** One call to SSM or ECS. */
  #call<T>(invocation: Invocation, signal: AbortSignal, isWrite: boolean, act: () => T): Promise<T> {
    const given = this.trouble && (isWrite && this.trouble() ? 'fail_after' : 'fail_before');
    return invocation.call(signal, isWrite, act, given);
  }

  /** The restarter of one invocation of the restart function. */
  seenBy(invocation: Invocation): Restarter {
    const { memory } = invocation;
    const { observer, chaos, luck } = this.#world;
    /** Noted when it is really sent. */
    const sent = (step: RestartStep, order: RestartOrder) => observer.sent(step, order, invocation);
    return {
      inspect: async (step, signal, priorHandle) => {
        const ask = () => (memory.inspection = this.backendOf(step).inspect(step, priorHandle));
        return await this.#call(invocation, signal, false, ask);
      },
      // Measured against the wall clock, so the weather of the world does not affect it.
      evidence: () => Promise.resolve((memory.evidence = 'its last words')),
      find: async (step, order, signal) => {
        const rounds = this.#roundsOf(step, invocation, signal);
        const handle = rounds
          ? await lasting(memory, findRound(rounds, order))
          : await this.#call(invocation, signal, false, () => this.backendOf(step).find(step, order));
        memory.order = handle === undefined ? undefined : { handle, adopted: true };
        return handle;
      },
      send: async (step, order, signal) => {
        if (chaos.chance(luck.refusing)) {
          memory.hopeless = 'AccessDenied';
          throw new Refused(memory.hopeless);
        }
        if (chaos.chance(chaos.weather.fail)) throw new Outage('throttled');
        const backend = this.backendOf(step);
        if (backend instanceof SsmBackend && backend.isAway) {
          memory.hopeless = HOST_GONE;
          throw new RestartError(HOST_GONE, { isTransient: false, isRefusal: true });
        }
        const rounds = this.#roundsOf(step, invocation, signal, () => sent(step, order));
        if (rounds) {
          const handle = await lasting(memory, sendRound(rounds, order));
          memory.order = { handle, adopted: false };
          return handle;
        }
        return await this.#call(invocation, signal, true, () => {
          const handle = this.backendOf(step).send(step, order);
          memory.order = { handle, adopted: false };
          sent(step, order);
          return handle;
        });
      },
      look: async (step, order, signal) => {
        const rounds = this.#roundsOf(step, invocation, signal);
        if (!rounds)
          return await this.#call(
            invocation,
            signal,
            false,
            () => (memory.progress = this.backendOf(step).look(step, order)),
          );
        const { progress } = await followRounds(rounds, order);
        memory.progress = progress;
        if (progress.kind === 'changed') observer.roundsEnded(step, order, invocation);
        return progress;
      },
    };
  }

  /**
   * What the rounds of stopped tasks ask of ECS; undefined for a step of another kind. `began` is called at the first
   * stop.
   */
  #roundsOf(
    step: RestartStep,
    invocation: Invocation,
    signal: AbortSignal,
    began: () => void = () => undefined,
  ): TaskControl | undefined {
    const backend = this.backendOf(step);
    if (!(backend instanceof EcsBackend) || remedyOf(step) !== 'stop-tasks') return undefined;
    const { tasks } = backend;
    const { observer, chaos, gale } = this.#world;
    const read = async <T>(ask: () => T, mostMs = ASKING_MS) => {
      if (chaos.weather !== CALM) await invocation.pause(gale.int(1, mostMs));
      return await this.#call(invocation, signal, false, ask);
    };
    let hasBegun = false;
    return {
      name: placeName(step),
      service: () => read(() => backend.described),
      listed: (desiredStatus) => read(() => ({ tasks: tasks.listed(desiredStatus, step), isWhole: true }), LISTING_MS),
      described: (ids) => read(() => tasks.described(ids, step)),
      stop: (task, reason) =>
        this.#call(invocation, signal, true, () => {
          const facts = tasks.stop(task.taskArn, reason, step);
          if (!facts) return true;
          if (!hasBegun) began();
          hasBegun = true;
          observer.taskStopped(step, facts, invocation);
          return true;
        }),
    };
  }
}

/** A lasting refusal is remembered: the restart fails because of it. */
async function lasting<T>(memory: Invocation['memory'], answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RestartError && !error.isTransient) memory.hopeless = error.message;
    throw error;
  }
}
