// Tasks of an ECS service that are stopped because ECS calls them unhealthy; ECS replaces them within the same deployment.
import type { RestartStep } from '../../../../lambdas/core/model/restart-spec.ts';
import type { Progress, RestartOrder } from '../../../../lambdas/ports/restarter.ts';
import { drawCourse, type Place } from './backend.ts';
import { works } from './remedy.ts';

type Stop = { readonly id: string; readonly restartId: string; result: 'running' | 'replaced' };

export class EcsStops {
  readonly #place: Place;
  readonly #stops: Stop[] = [];

  constructor(place: Place) {
    this.#place = place;
  }

  find({ restartId }: RestartOrder): string | undefined {
    return this.#stops.find((stop) => stop.restartId === restartId)?.id;
  }

  /** ECS calls no task of a service unhealthy that is well. */
  send(step: RestartStep, { restartId }: RestartOrder): string | undefined {
    const { world, service, name } = this.#place;
    if (service.liveness.verdict !== 'down') return undefined;
    const stop: Stop = { id: `${name}-task-${(world.handles += 1)}`, restartId, result: 'running' };
    this.#stops.push(stop);
    if (this.#stops.length > 12) this.#stops.shift();
    const { end, takesMs } = drawCourse(this.#place, step);
    // What never comes up again stays missing: ECS tries on, and nothing of ours hears of it.
    if (end === 'comes_up')
      world.engine.at(world.engine.now + takesMs, () => {
        stop.result = 'replaced';
        works('stop-tasks', service, world.engine.now);
      });
    return stop.id;
  }

  look({ handle, before }: RestartOrder & { handle: string }): Progress {
    const isReplaced = this.#stops.some(({ id, result }) => id === handle && result === 'replaced');
    return isReplaced
      ? { kind: 'changed', identity: `${before} without ${handle}`, detail: 'all tasks run' }
      : { kind: 'running', detail: 'tasks still stop' };
  }
}
