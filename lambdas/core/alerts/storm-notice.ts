// The words for a storm: one alert when it is seen, and one when restarts flow again.
import { type OwedNews, type Storm, stormWords } from '../health/storm.ts';
import { type NoticeText, smsOf, subjectOf } from './notice.ts';

/** Builds every form of the message. */
export function buildStormNotice(storm: Storm, news: OwedNews): NoticeText {
  const isOver = news === 'storm_over';
  const level = isOver ? 'info' : 'critical';
  const message = isOver
    ? `It is over: restarts are ordered again. (${stormWords(storm)})`
    : `${stormWords(storm)}. Nothing of it is restarted by itself until that is over; look for what they have in common.`;
  const headline = isOver ? 'Storm over' : 'Storm';
  const { id, group, services, failing, openedAt, endedAt } = storm;
  const times = {
    detectedAt: new Date(openedAt).toISOString(),
    resolvedAt: isOver && endedAt !== undefined ? new Date(endedAt).toISOString() : null,
  };
  const deduplicationKey = `${id}:${news}`;
  return {
    subject: subjectOf(level, `${headline}: ${failing} of ${services} services, ${group}`),
    email: [
      headline,
      '',
      message,
      '',
      `Level:     ${level}`,
      `Group:     ${group}`,
      `Since:     ${times.detectedAt}`,
      ...(times.resolvedAt === null ? [] : [`Over:      ${times.resolvedAt}`]),
      '',
      'Look: GET /fleet',
      '',
    ].join('\n'),
    sms: smsOf(level, headline, message),
    json: JSON.stringify({
      ...{ version: 1, kind: news, level, failureType: null, deduplicationKey, incidentId: null, message, ...times },
      ...{ restarts: 0, storm: { id, group, services, failing }, service: null },
    }),
    attributes: { level, kind: news, ...(group.startsWith('project ') && { project: group.slice('project '.length) }) },
  };
}
