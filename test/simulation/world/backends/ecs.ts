// One ECS service: deployments that come up, fail, hang, are superseded, or are made by others, each of one revision.
// Its tasks are stopped one by one by the production code's own rounds, through a port that this backend answers.
import type { EcsService } from '../../../../lambdas/adapters/ecs-answers.ts';
import type { RestartStep } from '../../../../lambdas/core/model/restart-spec.ts';
import type { Inspection, Progress, RestartOrder } from '../../../../lambdas/ports/restarter.ts';
import { type Backend, type Course, drawCourse, type Place } from './backend.ts';
import { EcsTasks } from './ecs-tasks.ts';
import { type Remedy, remedyOf, works } from './remedy.ts';

type Deployment = {
  readonly id: string;
  readonly createdAt: number;
  readonly revision: number;
  state: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
};

/** How far a deployment's time may be before ours and still be the order's; the adapter's own number. */
const CLOCK_SKEW_MS = 5_000;
const OTHERS_TAKE_MS = 600_000;

export class EcsBackend implements Backend {
  /** Scaled to zero on purpose, by a person. */
  isOff = false;
  readonly tasks: EcsTasks;
  readonly #place: Place;
  readonly #deployments: Deployment[];
  /** There is an earlier one to go back to. */
  #newestRevision = 2;

  constructor(place: Place) {
    this.#place = place;
    this.tasks = new EcsTasks(place);
    const createdAt = place.world.engine.now;
    this.#deployments = [{ id: `${place.name}-0`, createdAt, revision: this.#newestRevision, state: 'COMPLETED' }];
  }

  get #primary(): Deployment {
    const newest = this.#deployments.at(-1);
    if (!newest) throw new Error('there is always a deployment');
    return newest;
  }

  /** The deployment under way, by whomever it was ordered. */
  get underWay(): string | undefined {
    return this.#primary.state === 'IN_PROGRESS' ? this.#primary.id : undefined;
  }

  inspect(step: RestartStep, priorHandle: string | undefined): Inspection {
    const { id, revision } = this.#primary;
    if (this.isOff) return { kind: 'refused', reason: `${this.#place.name} is scaled to zero on purpose` };
    if (this.underWay !== undefined && id !== priorHandle)
      return { kind: 'refused', reason: `${this.#place.name} is left alone: a deployment is running (${id})` };
    if (remedyOf(step) === 'rollback' && revision < this.#newestRevision)
      return { kind: 'refused', reason: `${this.#place.name} is not gone back further` };
    return { kind: 'ready', identity: id };
  }

  find(_step: RestartStep, order: RestartOrder): string | undefined {
    const isOurs = ({ id, createdAt }: Deployment) => id !== order.before && createdAt >= order.begunAt - CLOCK_SKEW_MS;
    return this.#deployments.findLast(isOurs)?.id;
  }

  send(step: RestartStep): string {
    const remedy = remedyOf(step);
    const { revision } = this.#primary;
    return this.#deploy(drawCourse(this.#place, step), remedy === 'rollback' ? revision - 1 : revision, remedy).id;
  }

  look(_step: RestartStep, order: RestartOrder & { handle: string }): Progress {
    if (this.isOff) return { kind: 'failed', reason: 'it was scaled to zero during the restart' };
    const { handle } = order;
    const ours = this.#deployments.find(({ id }) => id === handle);
    if (ours?.state === 'FAILED') return { kind: 'failed', reason: `deployment ${handle} failed` };
    if (!ours || ours !== this.#primary)
      return { kind: 'failed', reason: `deployment ${handle} was superseded by ${this.#primary.id}` };
    return ours.state === 'COMPLETED'
      ? { kind: 'changed', identity: handle, detail: `${handle} stands there now` }
      : { kind: 'running', detail: 'in progress' };
  }

  /** The description that the rounds of stopped tasks read. */
  get described(): EcsService {
    const { wanted, running } = this.tasks;
    const [desiredCount, runningCount] = [this.isOff ? 0 : wanted, running];
    return {
      ...{ status: 'ACTIVE', desiredCount, runningCount, pendingCount: 0, events: [] },
      deploymentController: { type: 'ECS' },
      deploymentConfiguration: { strategy: 'ROLLING' },
      deployments: [{ id: this.#primary.id, status: 'PRIMARY', desiredCount, runningCount, failedTasks: 0 }],
    };
  }

  /** Others deploy, whatever we are doing; `cameUp` is called when their deployment is up. */
  deployedByOthers(cameUp: () => void = () => undefined): void {
    const takesMs = Math.round(this.#place.world.fate.between(0.05, 1) * OTHERS_TAKE_MS);
    this.#deploy({ end: 'comes_up', takesMs }, (this.#newestRevision += 1), 'new revision', cameUp);
  }

  isMended(): void {
    this.isOff = false;
    this.tasks.areReplaced();
    if (this.#primary.state === 'IN_PROGRESS') this.#primary.state = 'COMPLETED';
  }

  #deploy({ end, takesMs }: Course, revision: number, remedy: Remedy, cameUp?: () => void): Deployment {
    const { world, service, name } = this.#place;
    const { engine } = world;
    const id = `${name}-${(world.handles += 1)}`;
    const deployment: Deployment = { id, createdAt: engine.now, revision, state: 'IN_PROGRESS' };
    this.#deployments.push(deployment);
    if (this.#deployments.length > 12) this.#deployments.shift();
    if (end === 'hangs') return deployment;
    engine.at(engine.now + takesMs, () => {
      if (deployment !== this.#primary) return;
      deployment.state = end === 'fails' ? 'FAILED' : 'COMPLETED';
      if (end === 'fails') return;
      this.tasks.areReplaced();
      works(remedy, service, engine.now);
      cameUp?.();
    });
    return deployment;
  }
}
