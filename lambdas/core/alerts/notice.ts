// An alert of a service in every form in which it is sent: e-mail, SMS, a document for machines, and what subscriptions
// filter by. Pure; no form holds what looks like a secret.
import type { AlertBody } from '../model/intents.ts';
import type { Service } from '../model/service.ts';
import { durationText } from '../values/duration-text.ts';
import { isoTime } from '../values/iso-time.ts';
import { redact } from '../values/redact.ts';
import { attributesOf, type NoticeAttributes } from './attributes.ts';
import { oneLine, safeText } from './bounded.ts';
import type { AlertDocument } from './document.ts';
import { emailOf } from './email-text.ts';
import { smsOf, subjectOf } from './short-texts.ts';
import { headlineOf, nextOf } from './words.ts';

export type NoticeText = Readonly<{
  subject: string;
  email: string;
  sms: string;
  json: string;
  attributes: NoticeAttributes;
}>;

/** Where the deployment is: the address of its API without a trailing slash; empty when not known. */
export type Place = Readonly<{ apiUrl: string }>;
const NOWHERE: Place = { apiUrl: '' };

/** Longest texts, in UTF-16 units: all forms together stay far below the 256 kB of SNS. */
export const longest = { message: 1_000, seen: 500, evidence: 1_500, outcome: 200, name: 100 } as const;

/** Builds every form of the message. */
export const buildNotice = (service: Service, alert: AlertBody, place: Place = NOWHERE): NoticeText =>
  noticeOf(documentOf(service, alert, place));

/** Every form of a document. */
export const noticeOf = (document: AlertDocument): NoticeText => ({
  subject: subjectOf(document),
  email: emailOf(document),
  sms: smsOf(document),
  json: JSON.stringify(document),
  attributes: attributesOf(document),
});

/** What all forms of an alert are made from. */
export function documentOf(service: Service, alert: AlertBody, { apiUrl }: Place = NOWHERE): AlertDocument {
  const { kind, level, detectedAt, resolvedAt, at } = alert;
  const name = safeText(service.name, longest.name);
  const path = `${apiUrl}/services/${service.id}`;
  const query = `?tenant=${service.tenant}`;
  return {
    version: 1,
    kind,
    level,
    headline: oneLine(`${name} ${headlineOf(kind, level)}${stillFor(alert)}`),
    failureType: alert.failureType ?? null,
    deduplicationKey: alert.deduplicationKey,
    incidentId: alert.incidentId,
    message: safeText(alert.message, longest.message),
    at: isoTime(at),
    detectedAt: new Date(detectedAt).toISOString(),
    resolvedAt: isoTime(resolvedAt),
    restarts: alert.restarts,
    cause: alert.cause ?? null,
    seen: maybe(alert.seen, longest.seen),
    held: maybe(alert.held, longest.seen),
    tried: (alert.tried ?? []).map((one) => ({
      what: safeText(one.what, longest.outcome),
      outcome: safeText(one.outcome, longest.outcome),
      at: new Date(one.at).toISOString(),
    })),
    next: nextOf(alert, service),
    evidence: maybe(alert.evidence, longest.evidence),
    service: serviceOf(service),
    storm: null,
    group: null,
    sms: null,
    links: {
      service: `${path}${query}`,
      events: `${path}/events${query}`,
      fleet: null,
      runbook: service.alerts.runbook ?? chapterOf(kind),
    },
  };
}

const maybe = (text: string | undefined, most: number) => (text === undefined ? null : safeText(text, most));

/** The service as a document for machines shows it. */
export const serviceOf = (service: Service): NonNullable<AlertDocument['service']> => ({
  tenant: service.tenant,
  id: service.id,
  name: safeText(service.name, longest.name),
  project: maybe(service.project, longest.name),
  tags: Object.fromEntries(Object.entries(service.tags).map(([tag, value]) => safeTag(redact(tag), value))),
  dependsOn: service.dependsOn.map((edge) => edge.service),
});

/** For an incident that goes on, how long it has lasted: that is what a reminder is for. */
const stillFor = ({ kind, at, detectedAt }: AlertBody): string =>
  kind === 'reminder' && at !== undefined && at > detectedAt ? ` after ${durationText(at - detectedAt)}` : '';

/** A tag without secrets in its value; without the value, if its name says that all of it is one. */
function safeTag(name: string, value: string): [name: string, value: string] {
  const start = `${name}=`;
  const safe = safeText(`${start}${value}`, 1_000);
  return [name, safe.startsWith(start) ? safe.slice(start.length) : '***'];
}

/** Where the documentation explains this kind. */
export const chapterOf = (kind: string): string => `docs/alerts.md#${kind}`;
