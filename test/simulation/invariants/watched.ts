// What the observer knows of one service: its own count of verdicts, every order, every alert, and its story.
import type { AlertLevel, Service } from '../../../lambdas/core/model/service.ts';
import type { Invocation } from '../world/invocation.ts';
import type { SimService } from '../world/sim-service.ts';
import { ActTrack, labelOf } from './act-track.ts';
import type { Commit, Sent } from './invariant.ts';

export type Alert = {
  readonly intentId: string;
  readonly key: string;
  readonly kind: string;
  readonly level: AlertLevel;
  readonly publishedBy: Invocation[];
  isStruckOff: boolean;
  /** It was sent with others, or alone after it had waited for others. */
  isGrouped: boolean;
};
export type Order = {
  readonly id: string;
  readonly at: number;
  readonly isForced: boolean;
  readonly isAutomatic: boolean;
  readonly maxRestarts: number;
  readonly windowSeconds: number;
  /** When the restart itself was really sent, epoch ms of the world, and the orders of all its acts that were. */
  readonly sentAt: number[];
  readonly sentIds: string[];
  readonly acts: ActTrack;
  /** The first invocation that began it. */
  begunBy?: Invocation;
  endedAt?: number;
  /** The registration at its end: that fixes the backoff. */
  endedWith?: Service;
  /** The cascade that ordered it. */
  readonly cascadeOf: string | undefined;
  endedAs?: string;
  /** Its step was not sent: cancelled by a person, or held. */
  isCancelled?: boolean;
  /** The person who cancelled it, as far as that has been written. */
  cancelledBy?: string;
};

/** Whether some alerts from `warning` up do not reach people. */
export const isHushed = ({ alerts }: Service): boolean =>
  !alerts.enabled || (alerts.minLevel !== 'info' && alerts.minLevel !== 'warning');

export class Watched {
  readonly service: SimService;
  /** Verdicts in a row that counted. */
  downRun = 0;
  answerRun = 0;
  upRun = 0;
  /** Beats of downs that counted since the last recovery or restart. */
  downBeats: number[] = [];
  /** The beat of the last counted verdict that may verify the restart under way, whether a down or an answer. */
  verifiedAt = 0;
  /** From when on verdicts may verify the restart that is under way. */
  verifiesFrom = Infinity;
  readonly orders: Order[] = [];
  /** The handles that our orders returned, as far as any invocation learned of them. */
  readonly ownHandles = new Set<string>();
  readonly alerts = new Map<string, Alert>();
  /** Records of the timeline that must still be written, by intent. */
  readonly records = new Map<string, string>();
  /** What the event bus still must get, and what it has taken. */
  readonly busOwed = new Set<string>();
  readonly onBus = new Set<string>();
  /** When it crashed in a quiet world, with a crash that only a restart heals. */
  crashedAt: number | undefined;
  /** Since when, in a quiet world, it has had a fault that the first step does not heal. */
  resistsSince: number | undefined;
  /** At some time during the open incident, its settings kept something from people. */
  isHushed = false;
  /** Probes in a row that found it down since the last that was written; epoch ms of the world. */
  unwritten: Readonly<{ firstAt: number; lastAt: number; by: Invocation }> | undefined;
  writes = 0;
  lastWriteAt = 0;
  readonly #story: (() => string)[] = [];
  readonly #storyLines: number;

  constructor(service: SimService, storyLines: number) {
    this.service = service;
    this.#storyLines = storyLines;
  }

  get story(): readonly string[] {
    return this.#story.map((line) => line());
  }

  tells(line: () => string): void {
    if (this.#storyLines === 0) return;
    this.#story.push(line);
    if (this.#story.length > this.#storyLines) this.#story.shift();
  }

  /** By the id of a restart, or of the order of one of its acts, which ends with that act's number. */
  orderOf(restartId: string): Order | undefined {
    const id = restartId.replace(/-[ar]\d+$/, '');
    return this.orders.findLast((order) => order.id === id);
  }

  /** Counts the verdict of a commit, before the commit is judged. */
  counts({ isCounted, verdict, wasRunning, invocation }: Commit): void {
    const beat = invocation.memory.errand?.beat ?? 0;
    if (!isCounted || (wasRunning && (wasRunning.phase !== 'verifying' || beat < this.verifiesFrom))) return;
    this.verifiedAt = beat;
    if (verdict === 'down') {
      this.downRun += 1;
      this.answerRun = this.upRun = 0;
      this.downBeats.push(beat);
      if (this.downBeats.length > 64) this.downBeats.shift();
    } else {
      this.downRun = 0;
      this.answerRun += 1;
      this.upRun = verdict === 'up' ? this.upRun + 1 : 0;
    }
  }

  /** Updates itself from what a commit began and ended, after the commit was judged. */
  follows(commit: Commit): void {
    const { spec, before, after, now, invocation, ordered, ended, isRunning, wasRunning } = commit;
    if (ordered) {
      const { maxRestarts, windowSeconds } = spec.restart;
      const [isForced, isAutomatic] = [ordered.force, ordered.trigger === 'automatic'];
      this.orders.push({
        id: ordered.id,
        at: now,
        isForced,
        isAutomatic,
        maxRestarts,
        windowSeconds,
        sentAt: [],
        sentIds: [],
        acts: new ActTrack(ordered, spec, this.service.configuration.version),
        cascadeOf: ordered.cascadeOf,
      });
      if (this.orders.length > 200) this.orders.shift();
    }
    const under = isRunning && this.orderOf(isRunning.id);
    // Only the first act is checked again before it is sent; a restart that has begun is carried to its end.
    const isFirst = isRunning?.actIndex === 0 && isRunning.phase !== 'recovering';
    if (under && isFirst && isRunning.leaseUntil !== undefined && wasRunning?.begunAt === undefined)
      under.begunBy = invocation;
    under?.acts.follows(commit);
    const { wish } = invocation.memory;
    const taken = wasRunning && this.orderOf(wasRunning.id);
    if (taken && wish?.kind === 'cancelled') taken.cancelledBy ??= wish.by;
    if (isRunning?.handle !== undefined) this.ownHandles.add(isRunning.handle);
    if (isRunning?.phase === 'verifying' && wasRunning?.phase !== 'verifying') {
      this.verifiesFrom = now + spec.restart.warmUpSeconds * 1000;
      this.answerRun = this.upRun = 0;
    }
    if (ended) {
      const order = this.orderOf(ended.id);
      if (order)
        Object.assign(order, {
          endedAt: now,
          endedWith: spec,
          endedAs: ended.phase,
          isCancelled: ended.phase === 'cancelled',
        });
      this.verifiesFrom = Infinity;
      this.answerRun = this.upRun = 0;
      this.downBeats = [];
      if (after.health !== 'unhealthy') this.downRun = 0;
    }
    const isOver = before.incident && before.incident.id !== after.incident?.id;
    if (isOver || (after.health === 'healthy' && before.health !== 'healthy')) {
      this.downRun = 0;
      this.downBeats = [];
    }
    this.isHushed = after.incident !== undefined && (this.isHushed || isHushed(spec));
    this.writes += 1;
  }

  wasSent({ order, at }: Sent): void {
    const known = this.orderOf(order.restartId);
    known?.sentIds.push(order.restartId);
    if (known?.acts.kindOf(labelOf(order.restartId)) === 'restart') known.sentAt.push(at);
  }

  /** How many restarts were sent since then, epoch ms of the world. */
  sentSince(time: number): number {
    return this.orders.flatMap(({ sentAt }) => sentAt.filter((at) => at > time)).length;
  }
}
