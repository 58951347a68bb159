// What a restart would destroy, gathered before it destroys it. It must never hold a restart up: a service that is down
// is worse than one whose last words are lost.
import { redact } from '../core/values/redact.ts';
import type { Log } from '../ports/process.ts';
import type { Restarter } from '../ports/restarter.ts';

/** How much of the fifteen seconds of an invocation is spent on evidence. */
export const EVIDENCE_MS = 4_000;

/** The evidence without its secrets; undefined when there is none, or when it could not be had in `withinMs`. */
export async function gatherEvidence(
  ask: (signal: AbortSignal) => ReturnType<Restarter['evidence']>,
  { log, signal, withinMs }: Readonly<{ log: Log; signal: AbortSignal; withinMs: number }>,
): Promise<string | undefined> {
  const ending = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
  try {
    // Raced, and not only signalled: a call that ignores the signal must not use up the restart's time.
    const text = await Promise.race([ask(ending), aborted(ending)]);
    return text === undefined ? undefined : redact(text).trim() || undefined;
  } catch (error) {
    log.warn('no evidence could be gathered before the restart', { error });
    return undefined;
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = () => reject(new Error('there was no time for it', { cause: signal.reason }));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
