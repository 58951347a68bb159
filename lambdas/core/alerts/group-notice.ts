// One message for many alerts that came together: a table, the cause first.
import { type AlertLevel, alertLevels } from '../model/service.ts';
import { attributesOf } from './attributes.ts';
import { bareDocument } from './bare-document.ts';
import { cutTo, oneLine } from './bounded.ts';
import { causeFirst } from './cause-first.ts';
import type { AlertDocument, GroupEntry } from './document.ts';
import { noticeOf, type NoticeText, type Place } from './notice.ts';

/** From when to when alerts were collected (epoch ms). `id` tells windows apart: it becomes the deduplication key. */
export type GroupWindow = Readonly<{ id: string; since: number; until: number; place?: Place | undefined }>;

/** Nobody reads a longer table. More are never collected, so that a group names each of its alerts. */
export const mostInGroup = 30;
const MESSAGE_CHARACTERS = 120;
/** More values than this in one attribute are left out, or the notice might not be taken. */
const MOST_VALUES = 300;

/** Builds every form of one message for these alerts; each key is counted once. A single alert is sent as itself. */
export function buildGroupNotice(documents: readonly AlertDocument[], window: GroupWindow): NoticeText {
  const once = [...new Map(documents.map((document) => [document.deduplicationKey, document])).values()];
  const sorted = causeFirst(once);
  const [first, ...rest] = sorted;
  if (!first) throw new Error(`group ${window.id} holds no alert`);
  if (rest.length === 0) return noticeOf(first);
  const ids = valuesOf(sorted, 'service');
  const names = new Set(sorted.flatMap(({ service }) => (service ? [`${service.tenant}/${service.id}`] : [])));
  const level = highest(sorted);
  const shown = sorted.slice(0, mostInGroup);
  const [since, until] = [new Date(window.since).toISOString(), new Date(window.until).toISOString()];
  return noticeOf({
    ...bareDocument({ kind: 'group', level, detectedAt: window.since, at: window.until, place: window.place }),
    headline: `${first.headline}, and ${rest.length} more ${rest.length === 1 ? 'alert' : 'alerts'}`,
    deduplicationKey: `group:${window.id}`,
    message: `Together with it: ${othersOf(rest)}.`,
    next: 'You will be notified of each when it has recovered.',
    group: {
      since,
      until,
      count: sorted.length,
      services: names.size,
      alerts: shown.map(entryOf),
      more: sorted.length - shown.length,
      levels: alertLevels.filter((one) => sorted.some((document) => document.level === one)).reverse(),
      tenants: valuesOf(sorted, 'tenant'),
      projects: valuesOf(sorted, 'project'),
      ids,
      tags: valuesOf(sorted, 'tags'),
    },
  });
}

/** How many services the message names; the table has more. */
const NAMED = 8;

function othersOf(rest: readonly AlertDocument[]): string {
  const named = rest.slice(0, NAMED).map(({ headline }) => headline);
  return [...named, ...(rest.length > NAMED ? [`and ${rest.length - NAMED} more`] : [])].join('; ');
}

const highest = (documents: readonly AlertDocument[]): AlertLevel =>
  documents.reduce<AlertLevel>(
    (top, { level }) => (alertLevels.indexOf(level) > alertLevels.indexOf(top) ? level : top),
    'info',
  );

/** The values of an attribute that the alerts would have if each were sent by itself. */
const valuesOf = (documents: readonly AlertDocument[], name: string): string[] =>
  [...new Set(documents.flatMap((document) => attributesOf(document)[name] ?? []))].slice(0, MOST_VALUES);

function entryOf({ kind, level, deduplicationKey, headline, message, detectedAt, service }: AlertDocument): GroupEntry {
  return {
    kind,
    level,
    deduplicationKey,
    headline,
    message: cutTo(oneLine(message), MESSAGE_CHARACTERS),
    detectedAt,
    service: service && { tenant: service.tenant, id: service.id, name: service.name, project: service.project },
  };
}
