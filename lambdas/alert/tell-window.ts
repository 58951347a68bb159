// Sends what was collected in a window as one message: claimed, published, struck off. A death in between publishes it
// again, the same alerts under the same deduplication key.
import type { WindowMessage } from '../contract/messages.ts';
import { metricNames } from '../contract/metrics.ts';
import { type AlertDocument, alertDocumentSchema } from '../core/alerts/document.ts';
import { closingOf, groupIdOf, type GroupPlace, groupTold, type Leaving, type Timing } from '../core/alerts/group.ts';
import { buildGroupNotice } from '../core/alerts/group-notice.ts';
import type { AlertWindows } from '../ports/alerts.ts';
import { CLAIM_MS, type Grouping, levelMetrics, type TellPorts } from './tell-ports.ts';

/**
 * How long after the claim another message checks that the group was sent, in case every try of its message has failed.
 */
const LOOK_AGAIN_MS = 300_000;
/** The longest that sending another group of the same place takes. */
const BUSY_SECONDS = 20;
/** Races lost in a row after which the work is left to a later delivery. */
const ATTEMPTS = 20;

export type TellWindowPorts = TellPorts & Readonly<{ grouping: Grouping }>;

/** `isFull`: it is sent before its time is over. */
export async function tellWindow(
  message: WindowMessage,
  ports: TellWindowPorts,
  signal: AbortSignal,
  isFull = false,
): Promise<void> {
  const { windowId, tenant, project } = message;
  const place = { tenant, project };
  const { windows, queue, rules } = ports.grouping;
  const timing: Timing = { groupMs: rules.groupMs, claimMs: CLAIM_MS, lookAgainMs: LOOK_AGAIN_MS };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const closing = closingOf(await windows.read(place, signal), windowId, ports.clock.now(), timing, isFull);
    if (closing.kind === 'gone') return;
    if (closing.kind === 'busy') {
      if (!isFull) await queue.look(message, BUSY_SECONDS, signal);
      return;
    }
    // First the message, then the note that it is on its way.
    if (closing.look) await queue.look({ ...message, windowId: closing.look.id }, closing.look.afterMs / 1000, signal);
    if (!(await windows.save(place, closing.windows, signal))) continue;
    if (closing.kind === 'wait') return;
    await publish(place, closing.leaving, ports, signal);
    await strikeOff(place, closing.leaving.id, windows, signal);
    if (closing.leaving.id === windowId) return;
  }
  throw new Error(
    `the alerts that wait in ${tenant}/${project ?? ''} changed ${ATTEMPTS} times while they were told of`,
  );
}

async function publish(place: GroupPlace, leaving: Leaving, ports: TellWindowPorts, signal: AbortSignal) {
  const documents = Object.entries(leaving.held).flatMap(([key, json]) => decoded(key, json, ports));
  if (documents.length === 0) return;
  const { since, until } = leaving;
  const window = { id: groupIdOf(place, leaving.id), since, until, place: ports.place };
  await ports.sink.publish(buildGroupNotice(documents, window), signal);
  for (const { level } of documents) ports.metrics.count(levelMetrics[level]);
  ports.metrics.count(metricNames.alertsGrouped, documents.length);
}

/** A document that cannot be decoded must not keep back the others. */
function decoded(key: string, json: string, { log }: TellWindowPorts): AlertDocument[] {
  const { data, error } = alertDocumentSchema.safeParse(JSON.parse(json));
  if (data) return [data];
  log.error('an alert that waited cannot be decoded', { key, error });
  return [];
}

async function strikeOff(place: GroupPlace, id: string, windows: AlertWindows, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const next = groupTold(await windows.read(place, signal), id);
    if (!next || (await windows.save(place, next, signal))) return;
  }
  throw new Error(`the alerts that wait changed ${ATTEMPTS} times while group ${id} was struck off`);
}
