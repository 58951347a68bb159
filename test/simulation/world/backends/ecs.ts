// One ECS service: deployments that come up, fail, hang, are superseded, or are somebody else's.
import type { Inspection, Progress, RestartOrder } from '../../../../lambdas/ports.ts';
import { type Backend, type Course, drawCourse, type Place } from './backend.ts';

type Deployment = {
  readonly id: string;
  readonly createdAt: number;
  state: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
};

/** How far a deployment's time may lie before ours and still be the order's; the adapter's own number. */
const CLOCK_SKEW_MS = 5_000;
const OTHERS_TAKE_MS = 600_000;

export class EcsBackend implements Backend {
  /** Scaled to zero on purpose, by a person. */
  isOff = false;
  readonly #place: Place;
  readonly #deployments: Deployment[];

  constructor(place: Place) {
    this.#place = place;
    this.#deployments = [{ id: `${place.name}-0`, createdAt: place.world.engine.now, state: 'COMPLETED' }];
  }

  get #primary(): Deployment {
    const newest = this.#deployments.at(-1);
    if (!newest) throw new Error('there is always a deployment');
    return newest;
  }

  inspect(priorHandle: string | undefined): Inspection {
    const { id, state } = this.#primary;
    if (this.isOff) return { kind: 'refused', reason: `${this.#place.name} is scaled to zero on purpose` };
    if (state === 'IN_PROGRESS' && id !== priorHandle)
      return { kind: 'refused', reason: `${this.#place.name} is left alone: a deployment is running (${id})` };
    return { kind: 'ready', identity: id };
  }

  find({ before, begunAt }: RestartOrder): string | undefined {
    const isOurs = ({ id, createdAt }: Deployment) => id !== before && createdAt >= begunAt - CLOCK_SKEW_MS;
    return this.#deployments.findLast(isOurs)?.id;
  }

  send(_order: RestartOrder, timeoutMs: number): string {
    return this.#deploy(drawCourse(this.#place, timeoutMs)).id;
  }

  look({ handle }: { handle: string }): Progress {
    const ours = this.#deployments.find(({ id }) => id === handle);
    if (this.isOff) return { kind: 'failed', reason: 'it was scaled to zero during the restart' };
    if (ours?.state === 'FAILED') return { kind: 'failed', reason: `deployment ${handle} failed` };
    if (!ours || ours !== this.#primary)
      return { kind: 'failed', reason: `deployment ${handle} was superseded by ${this.#primary.id}` };
    return ours.state === 'COMPLETED'
      ? { kind: 'changed', identity: handle, detail: `${handle} stands there now` }
      : { kind: 'running', detail: 'in progress' };
  }

  /** Somebody else deploys, whatever we are doing. */
  deployedByOthers(): void {
    this.#deploy({ end: 'comes_up', takesMs: Math.round(this.#place.world.fate.between(0.05, 1) * OTHERS_TAKE_MS) });
  }

  isMended(): void {
    this.isOff = false;
    if (this.#primary.state === 'IN_PROGRESS') this.#primary.state = 'COMPLETED';
  }

  #deploy({ end, takesMs }: Course): Deployment {
    const { world, service, name } = this.#place;
    const { engine } = world;
    const id = `${name}-${(world.handles += 1)}`;
    const deployment: Deployment = { id, createdAt: engine.now, state: 'IN_PROGRESS' };
    this.#deployments.push(deployment);
    if (this.#deployments.length > 12) this.#deployments.shift();
    if (end === 'hangs') return deployment;
    engine.at(engine.now + takesMs, () => {
      if (deployment !== this.#primary) return;
      deployment.state = end === 'fails' ? 'FAILED' : 'COMPLETED';
      if (end === 'comes_up') service.isRestarted(engine.now);
    });
    return deployment;
  }
}
