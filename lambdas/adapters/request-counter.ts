// Counts the requests that a service has under way, by asking it the same guarded way that probes do.
import { activeRequestsIn } from '../core/judging/active-requests.ts';
import type { Drain } from '../core/model/restart-spec.ts';
import type { RequestCounter } from '../ports/prober.ts';
import { Attempt } from './attempt.ts';
import { askHop, type ProberTools } from './http-ask.ts';
import { ownTrouble } from './probe-fault.ts';
import { resolveHeaders } from './secret-headers.ts';

/** It is asked every other second, so an answer that takes longer is of no use. */
const TIMEOUT_MS = 2_000;

export function createRequestCounter(tools: ProberTools): RequestCounter {
  return {
    async count(drain, correlationId, signal) {
      let active: number | undefined;
      const attempt = new Attempt(TIMEOUT_MS);
      // The verdict is of no interest here: without a number the count is unknown.
      await attempt.run(async () => {
        active = await ask(attempt, drain, correlationId, tools, signal);
        return ownTrouble('counted');
      }, signal);
      return active;
    },
  };
}

/** Undefined for everything but a good answer with a number in it. Redirects are not followed. */
async function ask(
  attempt: Attempt,
  { activeRequestsUrl, headers, path }: Drain,
  correlationId: string,
  tools: ProberTools,
  signal: AbortSignal,
): Promise<number | undefined> {
  attempt.phase = 'its secrets';
  const resolved = await resolveHeaders(headers, tools.secrets, signal);
  attempt.arrived();
  if (resolved.kind === 'stop') return undefined;
  const hop = { url: new URL(activeRequestsUrl), method: 'GET', headers: resolved.headers, isTainted: false };
  const errand = { correlationId, attempt, tools, verifyCertificate: true };
  const answer = await askHop(errand, hop, ({ status }) => (isGood(status) ? 'all' : 'none'));
  if (answer.kind !== 'answer' || !isGood(answer.head.status)) return undefined;
  return activeRequestsIn(answer.body ?? '', path);
}

const isGood = (status: number): boolean => status >= 200 && status <= 299;
