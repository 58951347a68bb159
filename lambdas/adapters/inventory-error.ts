// The errors of adapters that only read from an account: ECS and its load balancers.

/** Something could not be read; `what` names the call and its subject. The run comes again in a few minutes. */
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
