// A restart that waits for requests under way: they are counted instead of looking at the service.
import type { CheckMessage } from '../contract/messages.ts';
import { runningRestart } from '../core/model/state.ts';
import { changeKnown } from '../flow/change-service.ts';
import type { Stored } from '../ports/service-store.ts';
import type { ProbePorts } from './probe-pack.ts';

type Count = CheckMessage & Readonly<{ intentId: string }>;

/** Whether this message is a restart's wish to have them counted, and not a look that somebody else asked for. */
export const isCount = ({ state }: Stored, check: CheckMessage): check is Count =>
  check.intentId !== undefined && runningRestart(state)?.phase === 'waiting_requests';

/**
 * Counts once and says so; what cannot be counted is said too, and waited for until time is up. The next count is asked
 * for by the restart itself.
 */
export async function countRequests(
  stored: Stored,
  check: Count,
  ports: ProbePorts,
  signal: AbortSignal,
): Promise<void> {
  const { correlationId, intentId } = check;
  const { drain } = stored.service.restart;
  // Taken out of the registration meanwhile: nobody can count any more.
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
