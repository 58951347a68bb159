// Alerts of one project that come together are sent together: the first goes out at once, those that follow are
// collected until the window ends. Alerts that wait for the end of quiet hours are collected likewise, in a window of
// their own.
import * as z from 'zod/mini';

import { shortHash } from '../values/hash.ts';
import type { AlertDocument } from './document.ts';
import { mostInGroup } from './group-notice.ts';
import { type QuietHours, quietUntil } from './quiet-hours.ts';

/** Receivers filter by these, so alerts that differ in them are never put into one message. */
export type GroupPlace = Readonly<{ tenant: string; project: string | null }>;
export type GroupRules = Readonly<{
  /** How long a window is open; 0: nothing is grouped. */
  groupMs: number;
  quietHours?: QuietHours | undefined;
}>;

const windowSchema = z.object({
  id: z.string(),
  since: z.number(),
  until: z.number(),
  /** The key of the alert that went out at once. */
  openedBy: z.optional(z.string()),
  /** Documents as JSON, by their deduplication keys. */
  held: z.record(z.string(), z.string()),
  /** A message that looks at it is on its way until then. */
  lookAt: z.optional(z.number()),
});
export type AlertWindow = Readonly<z.infer<typeof windowSchema>>;

const leavingSchema = z.extend(windowSchema, { claimedUntil: z.number() });
export type Leaving = Readonly<z.infer<typeof leavingSchema>>;

/** Windows of one place. Quiet hours have one of their own, so that alerts that must not wait are grouped meanwhile. */
export const windowsSchema = z.object({
  version: z.int(),
  group: z.optional(windowSchema),
  quiet: z.optional(windowSchema),
  /** The window that is being sent: nothing is added to it any more. */
  leaving: z.optional(leavingSchema),
  /** Keys that were sent in groups, the newest last, so that a late second delivery adds nothing. */
  recent: z.array(z.string()),
  /** Sent so far: groups, and the alerts in them. */
  groups: z.int(),
  alerts: z.int(),
});
export type Windows = Readonly<z.infer<typeof windowsSchema>>;
export type WindowKind = 'group' | 'quiet';
export const noWindows: Windows = { version: 0, recent: [], groups: 0, alerts: 0 };

/** The most bytes of one document, so that both windows and the one being sent stay below the 400 kB of an item. */
const MOST_BYTES = 120_000 / mostInGroup;
const RECENT = 3 * mostInGroup;

/** What to do with an alert. `windows` is to be written before anything else is done. */
export type Placement = Readonly<
  | { kind: 'at_once'; windows?: Windows }
  /** It is held already, or was sent in a group: there is nothing left to do. */
  | { kind: 'done' }
  | { kind: 'hold'; in: WindowKind; windowId: string; until: number; document: string }
  | { kind: 'begin'; windows: Windows }
  | { kind: 'full'; windowId: string }
>;

/** `canWait`: it waits even if no window is open, so that alerts after a storm are sent together. */
export function placementOf(
  document: AlertDocument,
  windows: Windows,
  now: number,
  { groupMs, quietHours }: GroupRules,
  canWait = false,
): Placement {
  const { level, deduplicationKey: key } = document;
  const { group, quiet, leaving, recent } = windows;
  if (recent.includes(key) || [group, quiet, leaving].some((one) => one?.held[key] !== undefined))
    return { kind: 'done' };
  const form = heldForm(document);
  if (level === 'critical' || form === undefined) return { kind: 'at_once' };
  const until = quietHours?.levels.includes(level) ? quietUntil(now, quietHours) : undefined;
  if (until !== undefined) {
    if (quiet) return roomIn(quiet, 'quiet', form);
    return { kind: 'begin', windows: { ...next(windows), quiet: fresh(windows, 'quiet', now, until) } };
  }
  if (groupMs === 0 || group?.openedBy === key) return { kind: 'at_once' };
  // A window that is over and holds alerts is sent any moment, by a message that is on its way.
  if (group && (now < group.until || hasSome(group))) return roomIn(group, 'group', form);
  const opened = fresh(windows, 'group', now, now + groupMs);
  if (canWait) return { kind: 'begin', windows: { ...next(windows), group: opened } };
  return { kind: 'at_once', windows: { ...next(windows), group: { ...opened, openedBy: key } } };
}

const roomIn = ({ id: windowId, until, held }: AlertWindow, kind: WindowKind, document: string): Placement =>
  Object.keys(held).length < mostInGroup
    ? { kind: 'hold', in: kind, windowId, until, document }
    : { kind: 'full', windowId };

/**
 * A document as it is kept: whole if small enough, else without the parts that no table shows; undefined if too large.
 */
const heldForm = (document: AlertDocument): string | undefined =>
  [document, { ...document, evidence: null, tried: [] }].map((form) => JSON.stringify(form)).find(isSmall);
const isSmall = (json: string): boolean => new TextEncoder().encode(json).length <= MOST_BYTES;

/**
 * What to do with a window whose message has come. Before anything else `look` is sent, and `windows` are written.
 */
export type Closing = Readonly<
  | { kind: 'gone' }
  /** Another invocation is sending what was collected before: look again a little later. */
  | { kind: 'busy' }
  /** It is early, or there is nothing in it. */
  | { kind: 'wait'; windows: Windows; look?: Look }
  | { kind: 'tell'; windows: Windows; look?: Look | undefined; leaving: Leaving }
>;
/** A message that looks at a window after so long. */
type Look = Readonly<{ id: string; afterMs: number }>;
export type Timing = Readonly<{ groupMs: number; claimMs: number; lookAgainMs: number }>;

/** `isFull`: it is sent before its time is over. */
export function closingOf(windows: Windows, id: string, now: number, timing: Timing, isFull = false): Closing {
  const { leaving } = windows;
  const kind = (['group', 'quiet'] as const).find((one) => windows[one]?.id === id);
  const due = kind && windows[kind];
  if (leaving && (due || leaving.id === id)) {
    // The invocation that sends it has a message that comes again if it dies.
    if (now < leaving.claimedUntil) return due ? { kind: 'busy' } : { kind: 'gone' };
    return tell(windows, leaving, now, timing);
  }
  if (!due) return { kind: 'gone' };
  if (now < due.until && !isFull) {
    if (now < (due.lookAt ?? 0)) return { kind: 'gone' }; // another message is on its way
    const afterMs = Math.min(due.until - now + SECOND_MS, LONGEST_DELAY_MS);
    const waiting = { ...due, lookAt: now + afterMs - CLOCKS_MS };
    return { kind: 'wait', windows: { ...next(windows), [kind]: waiting }, look: { id, afterMs } };
  }
  if (!hasSome(due)) return { kind: 'wait', windows: { ...next(windows), [kind]: undefined } };
  // It is not calm right after a group: alerts are collected again.
  const after = kind === 'group' && timing.groupMs > 0 ? fresh(windows, 'group', now, now + timing.groupMs) : undefined;
  return tell({ ...windows, [kind]: after }, { ...due, until: Math.min(due.until, now) }, now, timing);
}

const SECOND_MS = 1_000;
/** The longest delay of a queue. */
const LONGEST_DELAY_MS = 900_000;
/** Clocks of two functions differ by less; a message must not find that it is still to come. */
const CLOCKS_MS = 5_000;

/** If every try of this message fails, another one looks later; there is only one of those at a time. */
function tell(windows: Windows, window: AlertWindow, now: number, { claimMs, lookAgainMs }: Timing): Closing {
  const isCovered = now < (window.lookAt ?? 0);
  const lookAt = isCovered ? window.lookAt : now + lookAgainMs - CLOCKS_MS;
  const leaving = { ...window, lookAt, claimedUntil: now + claimMs };
  const look = isCovered ? undefined : { id: window.id, afterMs: lookAgainMs };
  return { kind: 'tell', windows: { ...next(windows), leaving }, look, leaving };
}

/** The windows after a group was sent. */
export function groupTold(windows: Windows, id: string): Windows | undefined {
  const { leaving } = windows;
  if (leaving?.id !== id) return undefined;
  const keys = Object.keys(leaving.held);
  return {
    ...next(windows),
    leaving: undefined,
    recent: [...windows.recent, ...keys].slice(-RECENT),
    groups: windows.groups + 1,
    alerts: windows.alerts + keys.length,
  };
}

const next = (windows: Windows): Windows => ({ ...windows, version: windows.version + 1 });
const hasSome = ({ held }: AlertWindow): boolean => Object.keys(held).length > 0;

/** The version makes ids differ that are made within one millisecond. */
const fresh = ({ version }: Windows, kind: WindowKind, now: number, until: number): AlertWindow => ({
  id: `${kind}-${now.toString(36)}-${version}`,
  since: now,
  until,
  held: {},
});

/** The deduplication key of a group, unique in the deployment. */
export const groupIdOf = ({ tenant, project }: GroupPlace, windowId: string): string =>
  `${shortHash(tenant, project ?? '')}-${windowId}`;
