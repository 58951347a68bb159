// What the observer knows of the acts of one restart: its own plan of them, which invocation may send which, and how
// far the wait for requests has come. It calculates all of this itself.
import type { Service } from '../../../lambdas/core/model/service.ts';
import type { ActKind, Restart } from '../../../lambdas/core/model/state.ts';
import type { Invocation } from '../world/invocation.ts';
import type { Commit } from './invariant.ts';

/** `a2` is the third act, `r0` the first one of the way back. */
export const labelOf = (orderId: string): string => /-([ar]\d+)$/.exec(orderId)?.[1] ?? '';

export class ActTrack {
  readonly plan: readonly ActKind[];
  /** The acts of the way back; for a restart whose step was not sent, the hook that undoes the one before. */
  recovery: readonly ActKind[];
  /** The configuration on the host when the restart was ordered. */
  readonly configuration: number;
  /** Its step was not sent, and must not be sent any more. */
  isLeft = false;
  /** Acts that adopted something else as theirs: a deployment by others, begun while ours was in doubt. */
  readonly adopted = new Set<string>();
  /** How often it entered its recovery. */
  recoveries = 0;
  /** The wait for requests: since when, and until when at most, by the writer's clock. */
  drain: Readonly<{ from: number; until: number }> | undefined;
  /** No request was left, or the time was up. */
  isDrained = false;
  readonly #claims: { label: string; invocation: Invocation }[] = [];

  constructor(ordered: Restart, spec: Service, configuration: number) {
    const { before, after, configuration: kept, drain, rollback } = spec.restart;
    const isReload = ordered.mode === 'reload';
    const waits = drain && !ordered.force && !isReload;
    const acts: readonly (ActKind | false | undefined)[] = [
      before && 'before',
      kept?.validate && 'validate',
      kept && 'backup',
      waits && 'drain',
      'restart',
      after && 'after',
    ];
    this.plan = acts.filter((kind) => typeof kind === 'string');
    const back: readonly (ActKind | false | undefined)[] = [kept && 'restore', !isReload && rollback && 'rollback'];
    this.recovery = back.filter((kind) => typeof kind === 'string');
    this.configuration = configuration;
  }

  /** The act that this order is for, by the plan. */
  kindOf(label: string): ActKind | undefined {
    return (label.startsWith('r') ? this.recovery : this.plan)[Number(label.slice(1))];
  }

  labelOfKind(kind: ActKind): string {
    return this.plan.includes(kind) ? `a${this.plan.indexOf(kind)}` : `r${this.recovery.indexOf(kind)}`;
  }

  /** Whether this invocation was the one that could send the act. */
  isClaimedBy(label: string, invocation: Invocation): boolean {
    return this.#claims.some((claim) => claim.label === label && claim.invocation === invocation);
  }

  isClaimed(label: string): boolean {
    return this.#claims.some((claim) => claim.label === label);
  }

  /** Only the hooks around the step are left to do. */
  leaves(): void {
    this.isLeft = true;
    this.recovery = this.plan.includes('before') && this.plan.includes('after') ? ['after'] : [];
  }

  /** Updates itself from a commit of a restart that goes on. */
  follows({ isRunning, wasRunning, invocation, now, spec }: Commit): void {
    if (!isRunning) return;
    const { phase, actIndex, leaseUntil, drainSeconds } = isRunning;
    const isUndone = isRunning.held !== undefined || isRunning.cancelledBy !== undefined;
    if (isUndone && phase === 'recovering') this.leaves();
    const label = `${phase === 'recovering' ? 'r' : 'a'}${actIndex}`;
    // An invocation that begins an act again that was cancelled meanwhile finds out whether it was sent, and may not
    // send it.
    const mayFollow = isRunning.cancelledBy === undefined || phase === 'recovering';
    if (mayFollow && leaseUntil !== undefined && leaseUntil !== wasRunning?.leaseUntil)
      this.#claims.push({ label, invocation });
    if (invocation.memory.order?.adopted) this.adopted.add(label);
    if (phase === 'recovering' && wasRunning?.phase !== 'recovering' && !this.isLeft) this.recoveries += 1;
    if (phase === 'waiting_requests' && !this.drain) {
      const seconds = drainSeconds ?? spec.restart.drain?.timeoutSeconds ?? 30;
      this.drain = { from: now, until: now + seconds * 1000 };
    }
    if (phase === 'restarting') this.isDrained = true;
  }
}
