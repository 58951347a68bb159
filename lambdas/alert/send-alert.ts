// Carries out what is pending for one service: records are written to its timeline, alerts published or put into a
// group; then all entries for machines are put on the event bus at once. In this order people never wait for the bus,
// and the bus does not wait long for them. If one of the two fails, the other is noted as done, so that only the rest
// comes again. Intents are struck off last: a death in between tells both again, under the same keys.
import type { AlertMessage } from '../contract/messages.ts';
import type { Intent } from '../core/model/intents.ts';
import { changeService } from '../flow/change-service.ts';
import { type AlertPorts, type Carried, carryOut, isTelling } from './carry-out.ts';
import { conclude, putOnBus } from './conclude.ts';
import { CLAIM_MS } from './tell-ports.ts';

/**
 * After this time nothing more is begun for people: if SNS is slow, no time would be left for the bus, nor for striking
 * off what was told. What was begun may take five seconds, the bus two; the function has fifteen.
 */
const TELL_MS = 6_000;

export async function sendAlert(message: AlertMessage, ports: AlertPorts, signal: AbortSignal): Promise<void> {
  const stored = await ports.services.read(message, signal);
  if (!stored) return; // removed meanwhile, and its alerts with it
  const pending = stored.state.intents.filter(isTelling).filter(({ id }) => message.intentIds.includes(id));
  if (pending.length === 0) return; // carried out already: this delivery is a second one
  const tellUntil = ports.clock.now() + TELL_MS;
  await claim(message, pending, ports, signal);
  const errand = { tellUntil, correlationId: message.correlationId, signal };
  const carried: Carried[] = [];
  for (const intent of pending) carried.push(await carryOut(intent, stored, ports, errand));
  await conclude(message, carried, await putOnBus(carried, ports, signal), ports, errand);
}

/**
 * Two deliveries at once must not both publish. Records need no claim, because writing one twice leaves one. Nor do
 * alerts that people have already: these come again as long as the bus is unavailable, and their claims would hold up
 * new alerts.
 */
async function claim(
  message: AlertMessage,
  pending: readonly Intent[],
  ports: AlertPorts,
  signal: AbortSignal,
): Promise<void> {
  const intentIds = pending.filter(({ kind, half }) => kind === 'alert' && half !== 'told').map(({ id }) => id);
  if (intentIds.length === 0) return;
  const until = ports.clock.now() + CLAIM_MS;
  const cause = { correlationId: message.correlationId, signal };
  const changed = await changeService(message, [{ kind: 'claimed', intentIds, until }], ports, cause);
  const isOurs = (id: string) =>
    changed?.step.state.intents.some((intent) => intent.id === id && intent.claimedUntil === until);
  if (!changed?.isChanged || !intentIds.every(isOurs))
    throw new Error(`alerts of ${message.tenant}/${message.id} are being sent by another invocation; they come again`);
}
