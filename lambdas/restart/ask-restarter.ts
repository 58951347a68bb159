// Asks what restarts, and tells faults that end a restart from those that let its message come again.
import { isPermanent } from '../core/result.ts';

/** What restarts says that trying again cannot help. A fault of the table or a queue never means that. */
export class Hopeless extends Error {
  override readonly name = 'Hopeless';
  readonly isInDoubt: boolean;
  constructor(cause: Error, isInDoubt: boolean) {
    super(cause.message, { cause });
    this.isInDoubt = isInDoubt;
  }
}

/**
 * Asks what restarts; its permanent faults end the restart, all others let the message come again. `isInDoubt`: until it has
 * answered nobody knows whether the restart was sent.
 */
export async function ask<T>(answer: Promise<T>, isInDoubt = false): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw isPermanent(error) ? new Hopeless(error, isInDoubt) : error;
  }
}
