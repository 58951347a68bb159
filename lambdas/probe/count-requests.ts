// For a restart that waits for requests in flight: they are counted, and the service is not probed.
import type { CheckMessage } from '../contract/messages.ts';
import { runningRestart } from '../core/model/state.ts';
import { changeKnown } from '../flow/change-service.ts';
import type { Stored } from '../ports/service-store.ts';
import type { ProbePorts } from './probe-pack.ts';

type Count = CheckMessage & Readonly<{ intentId: string }>;

/** Whether this message asks to count requests for a restart, and not for a probe. */
export const isCount = ({ state }: Stored, check: CheckMessage): check is Count =>
  check.intentId !== undefined && runningRestart(state)?.phase === 'waiting_requests';

/**
 * Counts once and reports the number, or that it is not known; then the restart waits until its time is up. The restart
 * itself asks for the next count.
 */
export async function countRequests(
  stored: Stored,
  check: Count,
  ports: ProbePorts,
  signal: AbortSignal,
): Promise<void> {
  const { correlationId, intentId } = check;
  const { drain } = stored.service.restart;
  // `drain` was removed from the registration meanwhile: there is nothing to count any more.
  const active = drain && (await ports.requests.count(drain, correlationId, signal));
  const restartId = stored.state.restart?.id ?? '';
  const jitter = ports.jitter();
  await changeKnown(
    stored,
    [
      { kind: 'drained', restartId, active, intentId, jitter },
      { kind: 'ticked', jitter },
    ],
    ports,
    { correlationId, signal },
  );
}
