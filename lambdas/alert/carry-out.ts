// Carries out one intent: writes a record to the timeline, or publishes an alert or puts it into a group; and prepares
// the entry for the event bus.
import { metricNames } from '../contract/metrics.ts';
import { documentOf } from '../core/alerts/notice.ts';
import { alertEntry, type BusEntry, changeEntry } from '../core/bus/entries.ts';
import type { Intent } from '../core/model/intents.ts';
import type { Cause, ChangePorts } from '../flow/change-service.ts';
import type { EventBus } from '../ports/alerts.ts';
import type { Stored, TargetIndex } from '../ports/service-store.ts';
import type { Timeline } from '../ports/timeline.ts';
import { tellAlert } from './tell-alert.ts';
import { warnAndNameHeld, warnDependents } from './tell-dependents.ts';
import type { TellPorts } from './tell-ports.ts';

export type AlertPorts = ChangePorts &
  TellPorts &
  Readonly<{
    timeline: Timeline;
    /** Without it, only people are told. */
    bus?: EventBus | undefined;
    /** Who depends on whom. */
    targets: Pick<TargetIndex, 'services'>;
    retentionMs: number;
  }>;

/** The intents that this function carries out; all others are for other functions. */
type Telling = Extract<Intent, { kind: 'alert' | 'record' }>;
export const isTelling = (intent: Intent): intent is Telling => intent.kind === 'alert' || intent.kind === 'record';

/** The outcome of one intent; `entry`: what is still to be put on the bus. */
export type Carried = Readonly<{ intent: Telling; isTold: boolean; fault?: unknown; entry?: BusEntry | undefined }>;

/** `tellUntil`: after this time people are not told any more in this invocation, only the bus is. */
export type Errand = Cause & Readonly<{ tellUntil: number }>;

/** Never rejects: one intent that fails must not keep back the others. */
export async function carryOut(intent: Telling, stored: Stored, ports: AlertPorts, cause: Errand): Promise<Carried> {
  const { half } = intent;
  const inTime = async (tell: () => Promise<void>): Promise<void> => {
    if (ports.clock.now() >= cause.tellUntil) throw new Error(`no time was left to tell of ${intent.id}`);
    await tell();
  };
  const isDue = ports.bus !== undefined && half !== 'on_bus';
  if (intent.kind === 'record') {
    const entry = isDue ? changeEntry(stored.service, intent) : undefined;
    return { intent, entry, ...(await told(half, () => inTime(() => writeDown(intent, stored, ports, cause)))) };
  }
  const held = await warnAndNameHeld(intent, stored, ports, cause);
  const alert = { ...intent.alert, message: intent.alert.message + held };
  const document = documentOf(stored.service, alert, ports.place);
  const entry = isDue ? alertEntry(document) : undefined;
  return {
    intent,
    entry,
    ...(await told(half, () => inTime(() => tellAlert(document, ports, cause, intent.alert.canWait)))),
  };
}

async function told(half: Intent['half'], tell: () => Promise<void>): Promise<Pick<Carried, 'isTold' | 'fault'>> {
  if (half === 'told') return { isTold: true };
  try {
    await tell();
    return { isTold: true };
  } catch (fault) {
    return { isTold: false, fault };
  }
}

type Recorded = Extract<Intent, { kind: 'record' }>;

async function writeDown(intent: Recorded, stored: Stored, ports: AlertPorts, cause: Cause): Promise<void> {
  const { tenant, id, project } = stored.service;
  await warnDependents(intent, stored, ports, cause);
  const record = { ...intent.record, at: intent.at, intentId: intent.id, tenant, id, project };
  await ports.timeline.append(record, ports.clock.now() + ports.retentionMs, cause.signal);
  if (record.kind === 'restart_completed') ports.metrics.count(metricNames.restartsCompleted);
  if (record.kind === 'restart_failed') ports.metrics.count(metricNames.restartsFailed);
}
