// A run does whatever can be done: a part that fails is logged and counted, and stops nothing else.
import type { Log } from '../ports/process.ts';

export type Attempts = Readonly<{
  /** `undefined` when it failed. */
  attempt<T>(what: string, run: () => Promise<T>): Promise<T | undefined>;
  /** Fails when anything has failed, and names it. */
  settle(): void;
}>;

/** How many failures an error names, so that it stays readable; the log has all of them. */
const NAMED = 10;

export function newAttempts(log: Log, correlationId: string): Attempts {
  const failed: string[] = [];
  return {
    async attempt(what, run) {
      try {
        return await run();
      } catch (error) {
        failed.push(what);
        log.error('a part of discovery failed', { what, reason: reasonOf(error), correlationId });
        return undefined;
      }
    },
    settle() {
      if (failed.length === 0) return;
      const more = failed.length > NAMED ? ` and ${failed.length - NAMED} more` : '';
      throw new Error(`discovery failed for ${failed.slice(0, NAMED).join(', ')}${more}`);
    },
  };
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown fault');
