// A service as it really is. Its ailments come and go with the faults of the run; the prober's answers follow from
// them.
import type { Cause, Observation } from '../../../lambdas/core/model/observation.ts';
import type { ServiceKey } from '../../../lambdas/ports/service-store.ts';
import type { Remedy } from './backends/remedy.ts';
import { Configuration } from './configuration.ts';
import type { Groups } from './draw-groups.ts';

/** A fault of a service, until it is removed or, if `isHealedByRestart`, until the service is restarted. */
export type Ailment = Readonly<{
  kind: string;
  verdict: 'down' | 'slow' | 'unready';
  cause: Cause;
  isHealedByRestart: boolean;
  /** Nothing else heals it. */
  onlyBy?: readonly Remedy[];
}>;

const UP: Observation = { verdict: 'up', cause: 'none', latencyMs: 12 };
const READY: Observation = { verdict: 'up', cause: 'none', latencyMs: 5 };
const UNREADY: Observation = { verdict: 'down', cause: 'wrong_status', message: 'answered 503' };

export class SimService {
  readonly index: number;
  readonly key: ServiceKey;
  readonly shard: number;
  /** What people registered; may be replaced. */
  document: Readonly<Record<string, unknown>>;
  /** The groups it belongs to, whatever is registered. */
  groups: Groups = { document: {}, names: ['fleet'] };
  /** The present result of a probe of it. */
  liveness: Observation = UP;
  readiness: Observation = READY;
  /** Since when it has had no ailment, epoch ms of the world. */
  wellSince: number;
  readonly configuration = new Configuration();
  /** When its present document was written, epoch ms of the world. */
  registeredAt = 0;
  /** How often it went down. */
  outages = 0;
  /** Called at every change of its ailments. */
  onChange: () => void = () => undefined;
  readonly #ailments = new Set<Ailment>();

  constructor(index: number, key: ServiceKey, shard: number, document: Readonly<Record<string, unknown>>, now: number) {
    this.index = index;
    this.key = key;
    this.shard = shard;
    this.document = document;
    this.wellSince = now;
  }

  get isWell(): boolean {
    return this.#ailments.size === 0;
  }
  get ailments(): readonly Ailment[] {
    return [...this.#ailments];
  }

  belongsTo(groups: Groups): void {
    this.groups = groups;
    this.document = { ...this.document, ...groups.document };
  }

  suffers(ailment: Ailment): void {
    this.#ailments.add(ailment);
    this.#settle();
  }

  /** `now` is epoch ms of the world. */
  isRidOf(ailment: Ailment, now: number): void {
    if (this.#ailments.delete(ailment)) this.#settle();
    if (this.isWell) this.wellSince = now;
  }

  /** A new instance is up. */
  isRestarted(remedy: Remedy, now: number): void {
    this.isTreated(remedy, now);
    for (const ailment of this.#ailments) if (ailment.isHealedByRestart && !ailment.onlyBy) this.isRidOf(ailment, now);
  }

  /** By a remedy that keeps the same instance. */
  isTreated(remedy: Remedy, now: number): void {
    for (const ailment of this.#ailments) if (ailment.onlyBy?.includes(remedy)) this.isRidOf(ailment, now);
  }

  isCured(now: number): void {
    this.configuration.hasBrokenNext = false;
    for (const ailment of this.#ailments) this.isRidOf(ailment, now);
  }

  #settle(): void {
    const wasDown = this.liveness.verdict === 'down';
    const worst =
      this.ailments.find(({ verdict }) => verdict === 'down') ??
      this.ailments.find(({ verdict }) => verdict === 'slow');
    if (!worst) this.liveness = UP;
    else if (worst.verdict === 'down')
      this.liveness = { verdict: 'down', cause: worst.cause, message: `${worst.cause} (${worst.kind})` };
    else this.liveness = { verdict: 'slow', cause: worst.cause, latencyMs: 1_900, message: `slow (${worst.kind})` };
    if (!wasDown && worst?.verdict === 'down') this.outages += 1;
    this.readiness = this.ailments.some(({ verdict }) => verdict === 'unready') ? UNREADY : READY;
    this.onChange();
  }
}
