// How services are restarted, one order at a time, and what must be known before.
// The docstrings are contracts: every adapter and every fake keeps them.
import type { ImageRule, RestartStep } from '../core/model/restart-spec.ts';
import type { EcrReference } from '../core/restart/image-reference.ts';

/**
 * How an order is told apart from every other: by its id, its time, and the instance that ran before. `restartId` is
 * the id of one act's order (`orderId`): a restart with hooks sends several orders.
 */
export type RestartOrder = Readonly<{ restartId: string; begunAt: number; before: string; reason: string }>;

/**
 * An order that was sent, or found: its handle, and when that was noted. It may have been begun minutes earlier, by an
 * invocation that died first, so the time that AWS needs to make it visible is counted from its sending.
 */
export type SentOrder = RestartOrder & Readonly<{ handle: string; sentAt: number }>;

export type Inspection =
  /** `pin`: what exactly is to be sent (the version of a document), if that was inspected too. */
  { kind: 'ready'; identity: string; pin?: string | undefined } | { kind: 'refused'; reason: string };

export type Progress =
  /** `evidence`: what this look has stopped, in lines for people; the caller removes secrets, and cuts it. */
  | { kind: 'running'; detail: string; evidence?: string | undefined }
  /**
   * The instance has changed; verdicts count again once the warm-up is over. `output` is what was printed on the way,
   * without secrets and cut, as with a failure.
   */
  | { kind: 'changed'; identity: string; detail: string; output?: string | undefined }
  | { kind: 'failed'; reason: string; output?: string | undefined };

export interface ImageSource {
  /**
   * Every digest that pulling this tag may bring now: that of an index, and those of the images in it. None: the tag is
   * gone. `undefined`: not known (another region, a registry that may not be read). Rejects on passing trouble.
   */
  digests(reference: EcrReference, signal: AbortSignal): Promise<readonly string[] | undefined>;
}

export interface Restarter {
  /**
   * The instance that runs now. `refused` = must not be restarted (switched off on purpose, missing, being deployed by
   * anything but `priorHandle`, the newest deployment of ours).
   */
  inspect(
    step: RestartStep,
    signal: AbortSignal,
    priorHandle?: string,
    /** Whether a step that would start other images than those that run is refused, which is the default. */
    otherImages?: ImageRule,
  ): Promise<Inspection>;
  /**
   * What a restart by this step would destroy: last events, stop reasons, states, last lines of output. For people; the
   * caller removes secrets, cuts it, and waits a few seconds at most (then `signal` fires). Changes nothing; undefined
   * when there is nothing to say. May reject: the restart goes on without it.
   */
  evidence(step: RestartStep, signal: AbortSignal): Promise<string | undefined>;
  /** The handle of an order that was sent already, by this or an earlier invocation; undefined when there is none. */
  find(step: RestartStep, order: RestartOrder, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Sends the order, with the pin of the inspection just before, and gives its handle. Not idempotent: AWS has no token
   * for it, so `find` comes first.
   */
  send(step: RestartStep, order: RestartOrder & { pin?: string | undefined }, signal: AbortSignal): Promise<string>;
  /** How far the order has come. For an order that goes in rounds, this look also begins the next round. */
  look(step: RestartStep, order: SentOrder, signal: AbortSignal): Promise<Progress>;
}
