// The errors that restarters throw, and how an SDK error becomes one. Message text decides nothing.
import { isTransientFault } from './aws-fault.ts';

/** A restarter could not ask or order. `isTransient`: the same call may succeed later; otherwise a person must act. */
export class RestartError extends Error {
  readonly isTransient: boolean;
  /** Nothing was sent, because the target must not be touched now; it is held instead of failed. */
  readonly isRefusal: boolean;
  constructor(message: string, options: { isTransient: boolean; isRefusal?: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'RestartError';
    this.isTransient = options.isTransient;
    this.isRefusal = options.isRefusal ?? false;
  }
}

/** Wraps what an SDK call threw; `what` says in words what was tried, e.g. `UpdateService prod/billing`. */
export function toRestartError(what: string, thrown: unknown): RestartError {
  if (thrown instanceof RestartError) return thrown;
  const why = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'unknown fault';
  return new RestartError(`${what}: ${why}`, { isTransient: isTransientFault(thrown), cause: thrown });
}

/** Returns what `ask` does; what it throws becomes a `RestartError` that says what was tried. */
export async function orFault<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw toRestartError(what, error);
  }
}
