// The one family of faults of what only looks at an account: ECS and its load balancers.

/** Something could not be read; `what` says which call and of what. The run comes again in a few minutes. */
export class InventoryError extends Error {
  override readonly name = 'InventoryError';
  constructor(what: string, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? cause.name : 'unknown fault'}`, { cause });
  }
}

/** Runs one call; every failure becomes an `InventoryError`. */
export async function reading<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new InventoryError(what, error);
  }
}
