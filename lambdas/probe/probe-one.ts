// One service, now: a person asked for it, or a restart is to be verified. There is one way to probe, so this is the
// pack's own look at a pack of one, without a row.
import type { CheckMessage } from '../contract/messages.ts';
import { freshFleet } from '../core/model/fleet.ts';
import { changeKnown } from '../flow/change-service.ts';
import { lookAround, noLooks } from '../flow/surroundings.ts';
import type { Stored } from '../ports/service-store.ts';
import { countRequests, isCount } from './count-requests.ts';
import { lookAtDependencies } from './dependency-looks.ts';
import { isOurs, lookFrom, passOn } from './ours.ts';
import type { ProbePorts } from './probe-pack.ts';

export async function probeOne(check: CheckMessage, ports: ProbePorts, signal: AbortSignal): Promise<void> {
  const stored = await ports.services.read(check, signal);
  if (!stored) return;
  const isStale = check.intentId !== undefined && !stored.state.intents.some(({ id }) => id === check.intentId);
  if (isStale) return;
  await probeStored(stored, check, ports, signal);
}

/** The look itself, with the item already read: for checks, and for state changes of what the service runs on. */
export async function probeStored(
  stored: Stored,
  check: CheckMessage,
  ports: ProbePorts,
  signal: AbortSignal,
): Promise<void> {
  if (!isOurs(stored.service, ports)) return await passOn(stored.service, check, ports, signal);
  if (isCount(stored, check)) return await countRequests(stored, check, ports, signal);
  const observation = await lookFrom(ports, stored, check.correlationId, signal);
  const { beat, intentId, correlationId } = check;
  const cause = { correlationId, signal };
  const { service } = stored;
  const isDown = observation.verdict === 'down';
  const dependencies = lookAtDependencies(ports, check.correlationId, signal);
  const around = () => lookAround({ ...noLooks, down: [service] }, ports, cause, { dependencies });
  const fleet = isDown ? await (await around())(service) : freshFleet;
  await changeKnown(
    stored,
    [
      { kind: 'probed', beat, observation, fleet, jitter: ports.jitter(), intentId, asked: intentId === undefined },
      { kind: 'ticked', jitter: ports.jitter() },
    ],
    ports,
    cause,
  );
}
