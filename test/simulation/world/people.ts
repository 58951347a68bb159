// People: they register services, ask for probes, order restarts and cancel them, through the same flows as the API's.
import type { ServiceEvent } from '../../../lambdas/core/model/events.ts';
import type { Limits } from '../../../lambdas/core/registration/check-registration.ts';
import { changeService } from '../../../lambdas/flow/change-service.ts';
import { registerService } from '../../../lambdas/flow/register-service.ts';
import { changePorts } from './functions.ts';
import type { SimService } from './sim-service.ts';
import { probeQueueOf } from './sinks.ts';
import type { World } from './world.ts';

const limits: Limits = {
  minIntervalSeconds: 10,
  allowedRanges: [],
  documents: ['Lamplighter-RestartLinux'],
  networks: ['public'],
  ecsState: true,
};
export type Wish = Extract<ServiceEvent, { kind: 'requested' | 'cancelled' | 'paused' | 'resumed' | 'acknowledged' }>;
/** Longer than any request is on its way. */
const LAST_WISH_MS = 300_000;

export class People {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Registers or replaces the service's document; retries until it is done. */
  register(service: SimService): void {
    const world = this.#world;
    world.invoke(
      'api',
      async (invocation) => {
        const { clock, signal } = invocation;
        const { services, log } = changePorts(world, invocation);
        const ports = {
          ...{ services, log, clock, limits, shards: world.shards },
          fleet: world.fleet.seenBy(invocation),
          targets: world.fleet.targetsSeenBy(invocation),
          audit: world.fleet.auditSeenBy(invocation),
          probeQueue: probeQueueOf(world, invocation),
        };
        const decoded = await registerService(service.document, ports, { by: 'ann', correlationId: 'people', signal });
        if (decoded.kind === 'faulty') throw new TypeError(JSON.stringify(decoded.faults));
      },
      (isDone) => {
        if (!isDone) world.engine.stirAt(world.engine.now + 5_000, () => this.register(service));
      },
    );
  }

  /** A person asks for a restart, or cancels one. A failed request is not retried. */
  wishes(service: SimService, event: Wish): void {
    const world = this.#world;
    world.invoke('api', async (invocation) => {
      const { signal, memory } = invocation;
      memory.wish = event;
      await changeService(service.key, [event], changePorts(world, invocation), { correlationId: 'people', signal });
    });
  }

  /** Resumes every paused service, also one that is just being paused. */
  resumeAll(): void {
    const { engine, services } = this.#world;
    for (const at of [engine.now, engine.now + LAST_WISH_MS])
      for (const service of services) engine.stirAt(at, () => this.wishes(service, { kind: 'resumed', by: 'ann' }));
  }

  looks(service: SimService): void {
    const world = this.#world;
    world.invoke('api', (invocation) => {
      const beat = invocation.clock.now();
      const check = { kind: 'check', correlationId: 'people', ...service.key, beat } as const;
      return probeQueueOf(world, invocation).sendCheck(check, invocation.signal);
    });
  }
}
