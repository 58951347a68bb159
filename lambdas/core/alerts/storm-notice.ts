// The words for a storm: one alert when it is seen, and one when restarts go on again.
import { type News, type Storm, stormWords } from '../health/storm.ts';
import { redact } from '../values/redact.ts';
import { bareDocument } from './bare-document.ts';
import type { AlertDocument } from './document.ts';
import { noticeOf, type NoticeText, type Place } from './notice.ts';

/** Builds every form of the message. */
export const buildStormNotice = (storm: Storm, news: News, place?: Place): NoticeText =>
  noticeOf(stormDocument(storm, news, place));

/** What all forms are made from. */
export function stormDocument(storm: Storm, news: News, place?: Place): AlertDocument {
  const isOver = news === 'storm_over';
  const { id, services, failing, openedAt, endedAt, within } = storm;
  const group = redact(storm.group);
  const words = redact(stormWords(storm));
  return {
    ...bareDocument({ kind: news, level: isOver ? 'info' : 'critical', detectedAt: openedAt, place }),
    headline: `${isOver ? 'Storm over' : 'Storm'}: ${failing} of ${services} services, ${group}`,
    deduplicationKey: `${id}:${news}`,
    message: isOver
      ? `It is over: restarts are ordered again. (${words})`
      : `${words}. None is restarted automatically until it is over; look for what they have in common.`,
    resolvedAt: isOver && endedAt !== undefined ? new Date(endedAt).toISOString() : null,
    next: isOver
      ? 'From now on, services that are still down are restarted, and their alerts are sent.'
      : 'No alerts are sent for its single services. You will be notified when it is over. If they do not come back although its cause is gone, open the guard: PUT /fleet with "stormGuard": false.',
    storm: { id, group, services, failing, ...(within && { within: within.map(redact) }) },
  };
}
