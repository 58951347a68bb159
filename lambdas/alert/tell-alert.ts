// One alert on its way to people: it goes out at once, or into a window whose alerts are sent together. The caller may
// strike it off once this has returned: SNS has taken it, or it is in the table.
import type { AlertDocument } from '../core/alerts/document.ts';
import { type GroupPlace, type Placement, placementOf } from '../core/alerts/group.ts';
import { noticeOf } from '../core/alerts/notice.ts';
import { type Grouping, levelMetrics, type TellPorts } from './tell-ports.ts';
import { tellWindow } from './tell-window.ts';

type Cause = Readonly<{ correlationId: string; signal: AbortSignal }>;

/** Races lost in a row after which an alert goes out by itself: rather noise than silence. */
const ATTEMPTS = 10;

/** `canWait`: as `placementOf` says. */
export async function tellAlert(
  document: AlertDocument,
  ports: TellPorts,
  cause: Cause,
  canWait = false,
): Promise<void> {
  const { grouping } = ports;
  const place = { tenant: document.service?.tenant ?? '', project: document.service?.project ?? null };
  for (let attempt = 0; grouping && attempt < ATTEMPTS; attempt += 1) {
    const windows = await grouping.windows.read(place, cause.signal);
    const placement = placementOf(document, windows, ports.clock.now(), grouping.rules, canWait);
    if (placement.kind === 'done') return;
    if (placement.kind === 'at_once') {
      if (placement.windows && !(await grouping.windows.save(place, placement.windows, cause.signal))) continue;
      break;
    }
    if (await isHeld(document, placement, { place, grouping, ports, cause })) return;
  }
  await ports.sink.publish(noticeOf(document), cause.signal);
  ports.metrics.count(levelMetrics[document.level]);
}

type Holding = Readonly<{ place: GroupPlace; grouping: Grouping; ports: TellPorts; cause: Cause }>;

/** Whether it is in a window now; `false`: something has changed, decide again. */
async function isHeld(
  { deduplicationKey: key }: AlertDocument,
  placement: Exclude<Placement, { kind: 'done' | 'at_once' }>,
  { place, grouping, ports, cause }: Holding,
): Promise<boolean> {
  const { windows, queue } = grouping;
  const { correlationId, signal } = cause;
  if (placement.kind === 'begin') {
    await windows.save(place, placement.windows, signal);
    return false;
  }
  const message = { kind: 'window', correlationId, ...place, windowId: placement.windowId } as const;
  if (placement.kind === 'full') {
    await tellWindow(message, { ...ports, grouping }, signal, true);
    return false;
  }
  // First the message: a window that holds alerts must have a message on its way that looks at it.
  await queue.look(message, secondsUntil(placement.until, ports.clock.now()), signal);
  return await windows.add(
    place,
    { kind: placement.in, windowId: placement.windowId, key, document: placement.document },
    signal,
  );
}

/** A second later, because the clock of the invocation that looks may be behind. */
const secondsUntil = (until: number, now: number): number => Math.max(0, (until - now) / 1000) + 1;
