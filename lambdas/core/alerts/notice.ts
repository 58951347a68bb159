// An alert in words: e-mail, SMS and a document for machines. Pure; holds no secret, because an alert holds none.
import type { AlertBody } from '../model/intents.ts';
import type { Service } from '../model/service.ts';

export type NoticeText = Readonly<{
  subject: string;
  email: string;
  sms: string;
  json: string;
  attributes: Readonly<Record<string, string>>;
}>;

/** SNS takes at most 100 ASCII characters without line breaks, and nothing at all when there is one more. */
const SUBJECT_LIMIT = 100;
/** One part of an SMS in GSM-7; ASCII without the signs that take two places. */
const SMS_LIMIT = 160;

const headlines: Readonly<Record<AlertBody['kind'], string>> = {
  degraded: 'is degraded',
  unhealthy: 'is unhealthy',
  restart_held: 'is not restarted',
  restart_failed: 'restart failed',
  restart_limit_exceeded: 'needs a person',
  recovered: 'has recovered',
  dependency_down: 'has lost a dependency',
  early_warning: 'is not as usual',
  trend_over: 'is as usual again',
};

/** Builds every form of the message. */
export function buildNotice(service: Service, alert: AlertBody): NoticeText {
  const headline = `${service.name} ${headlines[alert.kind]}`;
  return {
    subject: subjectOf(alert.level, headline),
    email: emailText(service, alert, headline),
    sms: smsOf(alert.level, headline, alert.message),
    json: JSON.stringify(machineForm(service, alert)),
    attributes: {
      level: alert.level,
      kind: alert.kind,
      service: service.id,
      tenant: service.tenant,
      ...(service.project && { project: service.project }),
    },
  };
}

export const subjectOf = (level: string, headline: string): string =>
  cut(ascii(`[${level.toUpperCase()}] ${headline}`), SUBJECT_LIMIT);
export const smsOf = (level: string, headline: string, message: string): string =>
  cut(gsm(`${level.toUpperCase()} ${headline}: ${message}`), SMS_LIMIT);

function emailText(service: Service, alert: AlertBody, headline: string): string {
  const lines = [
    headline,
    '',
    alert.message,
    '',
    `Service:   ${service.name} (${service.tenant}/${service.id})`,
    ...(service.project ? [`Project:   ${service.project}`] : []),
    `Level:     ${alert.level}`,
    `Since:     ${new Date(alert.detectedAt).toISOString()}`,
    ...(alert.resolvedAt === undefined ? [] : [`Over:      ${new Date(alert.resolvedAt).toISOString()}`]),
    `Restarts:  ${alert.restarts}`,
    `Incident:  ${alert.incidentId}`,
    '',
    `Timeline: GET /services/${service.id}/events?tenant=${service.tenant}`,
  ];
  return `${lines.join('\n')}\n`;
}

function machineForm(service: Service, alert: AlertBody) {
  return {
    version: 1,
    kind: alert.kind,
    level: alert.level,
    failureType: alert.failureType ?? null,
    deduplicationKey: alert.deduplicationKey,
    incidentId: alert.incidentId,
    message: alert.message,
    detectedAt: new Date(alert.detectedAt).toISOString(),
    resolvedAt: alert.resolvedAt === undefined ? null : new Date(alert.resolvedAt).toISOString(),
    restarts: alert.restarts,
    service: {
      tenant: service.tenant,
      id: service.id,
      name: service.name,
      project: service.project ?? null,
      tags: service.tags,
    },
  };
}

const ascii = (text: string) => text.replace(/\s+/g, ' ').replace(/[^\x20-\x7e]/g, '?');
/** Signs outside GSM-7 would make the whole message UCS-2 with 70 characters a part; those of its extension count twice. */
const gsm = (text: string) => ascii(text).replace(/[`^{}\\[\]~|]/g, '-');
const cut = (text: string, limit: number) => (text.length <= limit ? text : `${text.slice(0, limit - 3)}...`);
