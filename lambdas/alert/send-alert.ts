// What is pending for one service: records are written to its timeline, alerts published or put into a group. Struck off
// only after SNS or the table has taken them; a death in between publishes again under the same deduplication key.
import type { AlertMessage } from '../contract/messages.ts';
import { metricNames } from '../contract/metrics.ts';
import { documentOf } from '../core/alerts/notice.ts';
import type { Intent } from '../core/model/intents.ts';
import { type Cause, type ChangePorts, changeService } from '../flow/change-service.ts';
import type { Stored, TargetIndex, Timeline } from '../ports.ts';
import { tellAlert } from './tell-alert.ts';
import { meaningOf, warnDependents } from './tell-dependents.ts';
import { CLAIM_MS, type TellPorts } from './tell-ports.ts';

export type AlertPorts = ChangePorts &
  TellPorts &
  Readonly<{
    timeline: Timeline;
    /** Who depends on whom. */
    targets: Pick<TargetIndex, 'services'>;
    retentionMs: number;
  }>;

export async function sendAlert(message: AlertMessage, ports: AlertPorts, signal: AbortSignal): Promise<void> {
  const stored = await ports.services.read(message, signal);
  if (!stored) return; // removed meanwhile, and its alerts with it
  const pending = stored.state.intents.filter(({ id }) => message.intentIds.includes(id));
  if (pending.length === 0) return; // carried out already: this delivery is a second one
  await claim(message, pending, ports, signal);
  const done: string[] = [];
  const faults: unknown[] = [];
  for (const intent of pending) {
    try {
      await carryOut(intent, stored, ports, { correlationId: message.correlationId, signal });
      done.push(intent.id);
    } catch (error) {
      faults.push(error); // the others must not wait behind it
    }
  }
  // What was taken is struck off even when another failed, so that only the rest comes again.
  if (done.length > 0) {
    const cause = { correlationId: message.correlationId, signal };
    await changeService(message, [{ kind: 'carried_out', intentIds: done }], ports, cause);
  }
  if (faults.length > 0)
    throw new AggregateError(faults, `${faults.length} of ${pending.length} were not carried out and come again`);
}

/** Two deliveries at once must not both publish. Records need no claim: writing one twice leaves one. */
async function claim(
  message: AlertMessage,
  pending: readonly Intent[],
  ports: AlertPorts,
  signal: AbortSignal,
): Promise<void> {
  const intentIds = pending.filter(({ kind }) => kind === 'alert').map(({ id }) => id);
  if (intentIds.length === 0) return;
  const until = ports.clock.now() + CLAIM_MS;
  const cause = { correlationId: message.correlationId, signal };
  const changed = await changeService(message, [{ kind: 'claimed', intentIds, until }], ports, cause);
  const isOurs = (id: string) =>
    changed?.step.state.intents.some((intent) => intent.id === id && intent.claimedUntil === until);
  if (!changed?.isChanged || !intentIds.every(isOurs))
    throw new Error(`alerts of ${message.tenant}/${message.id} are being sent by another invocation; they come again`);
}

async function carryOut(intent: Intent, stored: Stored, ports: AlertPorts, cause: Cause): Promise<void> {
  const { service } = stored;
  const { signal } = cause;
  if (intent.kind === 'record') {
    await warnDependents(intent, stored, ports, cause);
    const record = {
      ...intent.record,
      at: intent.at,
      intentId: intent.id,
      tenant: service.tenant,
      id: service.id,
      project: service.project,
    };
    await ports.timeline.append(record, ports.clock.now() + ports.retentionMs, signal);
    if (record.kind === 'restart_completed') ports.metrics.count(metricNames.restartsCompleted);
    if (record.kind === 'restart_failed') ports.metrics.count(metricNames.restartsFailed);
  } else if (intent.kind === 'alert') {
    const { alert } = intent;
    const meaning = await meaningOf(intent, stored, ports, cause);
    const told = { ...alert, message: alert.message + meaning };
    await tellAlert(documentOf(service, told, ports.place), ports, cause, alert.canWait);
  }
}
