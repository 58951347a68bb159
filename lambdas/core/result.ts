// What closed unions and errors need everywhere.

/** Closes a switch over a union: a new member that nobody handles does not compile. */
export function assertNever(value: never): never {
  throw new TypeError(`unhandled case: ${JSON.stringify(value)}`);
}

/**
 * Whether trying again cannot help. Adapters decide it from the error's type; an error that does not say so may pass.
 */
export function isPermanent(error: unknown): error is Error {
  return error instanceof Error && 'isTransient' in error && error.isTransient === false;
}

/** Whether a permanent fault says that nothing was sent, because the target must not be touched now. */
export const isRefusal = (error: Error): boolean => 'isRefusal' in error && error.isRefusal === true;
