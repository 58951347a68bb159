// How services are restarted, one order at a time, and what is asked before.
// The docstrings are contracts: every adapter and every fake keeps them.
import type { ImageRule, RestartStep } from '../core/model/restart-spec.ts';
import type { EcrReference } from '../core/restart/image-reference.ts';

/**
 * How an order is told apart from every other: by id, by time, and by what was there before. `restartId` is that of one
 * act of a restart (`orderId`): a restart with hooks sends several orders.
 */
export type RestartOrder = Readonly<{ restartId: string; begunAt: number; before: string; reason: string }>;

/**
 * An order that was sent, or found: by which handle, and when that was noted. It may have been begun minutes before, by
 * somebody who died first, so what AWS needs to make it visible is counted from its sending.
 */
export type SentOrder = RestartOrder & Readonly<{ handle: string; sentAt: number }>;

export type Inspection =
  /** `pin`: what exactly is to be sent, where that was looked at too (the version of a document). */
  { kind: 'ready'; identity: string; pin?: string | undefined } | { kind: 'refused'; reason: string };

export type Progress =
  /** `evidence`: what this look has put an end to, in lines for people; the caller takes secrets out, and cuts it. */
  | { kind: 'running'; detail: string; evidence?: string | undefined }
  /**
   * Something else stands there now; verdicts count again once the warm-up is over. `output` is what was said on the
   * way, without secrets and cut, as with a failure.
   */
  | { kind: 'changed'; identity: string; detail: string; output?: string | undefined }
  | { kind: 'failed'; reason: string; output?: string | undefined };

export interface ImageSource {
  /**
   * Every digest that pulling this tag may bring now: that of an index, and those of the images in it. None: the tag is
   * gone. `undefined`: it cannot be told (another region, a registry that may not be read). Rejects on passing trouble.
   */
  digests(reference: EcrReference, signal: AbortSignal): Promise<readonly string[] | undefined>;
}

export interface Restarter {
  /**
   * What stands there now. `refused` = must not be restarted (switched off on purpose, missing, being deployed by others
   * than `priorHandle`, the newest deployment of ours).
   */
  inspect(
    step: RestartStep,
    signal: AbortSignal,
    priorHandle?: string,
    /** Whether what would bring up other images than those that run is refused; it is, when nothing is said. */
    otherImages?: ImageRule,
  ): Promise<Inspection>;
  /**
   * What a restart by this step would destroy: last events, stop reasons, states, last lines of output. For people; the
   * caller takes secrets out, cuts it, and waits a few seconds at most (`signal` ends then). Changes nothing; undefined
   * when there is nothing to say. May reject: a restart does not wait for it to work.
   */
  evidence(step: RestartStep, signal: AbortSignal): Promise<string | undefined>;
  /** The handle of an order that was sent already, by this or an earlier invocation; undefined when there is none. */
  find(step: RestartStep, order: RestartOrder, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Sends the order, with the pin of the inspection just before, and gives its handle. Not idempotent: AWS has no token
   * for it, so `find` comes first.
   */
  send(step: RestartStep, order: RestartOrder & { pin?: string | undefined }, signal: AbortSignal): Promise<string>;
  /** How far the order has come. Of an order that goes in rounds it is the look that begins the next one. */
  look(step: RestartStep, order: SentOrder, signal: AbortSignal): Promise<Progress>;
}
