// Calls the restarter, and tells faults that end a restart from faults after which its message comes again.
import { isPermanent, isRefusal } from '../core/result.ts';

/** The restarter says that trying again cannot help. A fault of the table or a queue never means that. */
export class Hopeless extends Error {
  override readonly name = 'Hopeless';
  readonly isInDoubt: boolean;
  /** Nothing was sent, because the target must not be touched now. */
  readonly isRefusal: boolean;
  constructor(cause: Error, isInDoubt: boolean) {
    super(cause.message, { cause });
    this.isInDoubt = isInDoubt;
    this.isRefusal = isRefusal(cause);
  }
}

/**
 * Waits for the restarter's answer. Its permanent faults end the restart; after any other the message comes again.
 * `isInDoubt`: until it has answered, nobody knows whether the restart was sent.
 */
export async function ask<T>(answer: Promise<T>, isInDoubt = false): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw isPermanent(error) ? new Hopeless(error, isInDoubt) : error;
  }
}
