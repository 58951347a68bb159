// The Restarter port: every question and every order goes to the backend of the step that is meant.
import type { RestartStep } from '../../../lambdas/core/model/restart-spec.ts';
import type { Restarter } from '../../../lambdas/ports/restarter.ts';
import type { Backend } from './backends/backend.ts';
import { EcsBackend } from './backends/ecs.ts';
import { SsmBackend } from './backends/ssm.ts';
import { type Invocation, Outage } from './invocation.ts';
import type { SimService } from './sim-service.ts';
import type { World } from './world.ts';

/** An order that AWS will never take: trying again cannot help. */
class Refused extends Error {
  override readonly name = 'AccessDeniedException';
  readonly isTransient = false;
}

/** What names the place that a step restarts. */
const placeName = (step: RestartStep): string =>
  step.kind === 'ecs' ? `${step.cluster}/${step.service}` : step.instanceIds.join(',');

export class Restarters {
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

  /** The places that may be troubled by others. */
  get places(): readonly (readonly [SimService, Backend])[] {
    return [...this.#backends].flatMap(([name, backend]) => {
      const service = this.#owners.get(name);
      return service ? [[service, backend] as const] : [];
    });
  }

  areMended(): void {
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

  /** What one invocation of the restart function is told. */
  seenBy(invocation: Invocation): Restarter {
    const { memory } = invocation;
    const { observer, chaos, luck } = this.#world;
    return {
      inspect: async (step, signal, priorHandle) => {
        const ask = () => (memory.inspection = this.backendOf(step).inspect(step, priorHandle));
        return await invocation.call(signal, false, ask);
      },
      // Asked against the clock of the wall, so it is not exposed to the weather of the world.
      evidence: () => Promise.resolve((memory.evidence = 'its last words')),
      find: (step, order, signal) =>
        invocation.call(signal, false, () => {
          const handle = this.backendOf(step).find(step, order);
          memory.order = handle === undefined ? undefined : { handle, adopted: true };
          return handle;
        }),
      send: async (step, order, signal) => {
        if (chaos.chance(luck.refusing)) {
          memory.hopeless = 'AccessDenied';
          throw new Refused(memory.hopeless);
        }
        if (chaos.chance(chaos.weather.fail)) throw new Outage('throttled');
        return await invocation.call(signal, true, () => {
          const handle = this.backendOf(step).send(step, order);
          if (handle === undefined) throw new Refused((memory.hopeless = 'ECS calls no task unhealthy'));
          memory.order = { handle, adopted: false };
          observer.sent(step, order, invocation);
          return handle;
        });
      },
      look: (step, order, signal) =>
        invocation.call(signal, false, () => (memory.progress = this.backendOf(step).look(step, order))),
    };
  }
}
