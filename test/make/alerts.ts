// One alert of every kind, as people and machines get it: the source of the golden files in test/fixtures/alerts.
import { type AlertDocument, alertDocumentSchema, type DocumentKind } from '../../lambdas/core/alerts/document.ts';
import { buildGroupNotice } from '../../lambdas/core/alerts/group-notice.ts';
import { buildNotice, type NoticeText } from '../../lambdas/core/alerts/notice.ts';
import { buildSmsLimitNotice } from '../../lambdas/core/alerts/sms-limit-notice.ts';
import { buildStormNotice } from '../../lambdas/core/alerts/storm-notice.ts';
import type { AlertBody, AlertKind } from '../../lambdas/core/model/intents.ts';
import type { Service } from '../../lambdas/core/model/service.ts';
import { makeService } from './service.ts';
import { T0 } from './state.ts';

const MINUTE = 60_000;
const place = { apiUrl: 'https://api.example.com' };

export const billing: Service = makeService({
  project: 'erp',
  tags: { team: 'payments' },
  dependsOn: [{ service: 'ledger-db' }],
  alerts: { runbook: 'https://wiki.example.com/billing' },
});

const tried = [
  {
    what: 'restart by ECS stop-tasks of prod/billing',
    outcome: 'failed: not seen working in 120 s',
    at: T0 + 4 * MINUTE,
  },
  { what: 'restart by ECS redeploy of prod/billing', outcome: 'verified', at: T0 + 8 * MINUTE },
];
const evidence = '1 of 2 tasks run, 1 are pending\ntask 0af3 billing:5 STOPPED api exited with 137: OutOfMemoryError';

export const makeAlert = (change: Partial<AlertBody> = {}): AlertBody => {
  const kind = change.kind ?? 'unhealthy';
  return {
    kind,
    level: 'warning',
    failureType: 'health_check_failed',
    incidentId: 'inc-1',
    deduplicationKey: `inc-1:${kind}`,
    message: 'the connection was refused: nothing listens on the port. A restart is ordered.',
    at: T0 + 3 * MINUTE,
    detectedAt: T0,
    restarts: 1,
    cause: 'refused',
    seen: 'the connection was refused: nothing listens on the port',
    ...change,
  };
};

const alerts: Readonly<Record<AlertKind, Partial<AlertBody>>> = {
  degraded: {
    message: 'answered after 2,310 ms, allowed are 1,500 ms',
    cause: 'too_slow',
    seen: undefined,
    restarts: 0,
  },
  unhealthy: {},
  restart_held: {
    level: 'error',
    message: 'It is down and is not restarted: it is scaled to zero',
    held: 'it is scaled to zero',
    restarts: 0,
  },
  restart_failed: {
    level: 'error',
    failureType: 'restart_failed',
    message: 'restart by ECS stop-tasks of prod/billing failed: not seen working in 120 s',
    at: T0 + 4 * MINUTE,
    tried: tried.slice(0, 1),
    evidence,
  },
  restart_limit_exceeded: {
    level: 'critical',
    failureType: 'restart_limit_exceeded',
    message: 'It is down, and the limit of 3 restarts in 3600 s is used up. Somebody must look at it.',
    held: 'the limit of 3 restarts in 3600 s is used up',
    at: T0 + 12 * MINUTE,
    restarts: 3,
    tried: tried.slice(0, 1),
    evidence,
  },
  recovered: {
    failureType: 'auto_restart',
    message: 'Healthy again after 9 min',
    resolvedAt: T0 + 9 * MINUTE,
    at: T0 + 9 * MINUTE,
    restarts: 2,
    cause: undefined,
    tried,
  },
  dependency_down: {
    message: 'It depends on mail, which is down. It can work without, so it is not restarted.',
    restarts: 0,
    cause: undefined,
    seen: undefined,
  },
  flapping: { message: 'It went up and down 6 times in 12 min.', at: T0 + 12 * MINUTE, restarts: 2, tried },
  steady: {
    level: 'info',
    message: 'It has answered for 10 min without a break.',
    at: T0 + 30 * MINUTE,
    cause: undefined,
  },
  reminder: {
    level: 'error',
    message: 'Still down after 42 min, 2 restarts tried.',
    at: T0 + 42 * MINUTE,
    restarts: 2,
    tried: tried.slice(0, 1),
    deduplicationKey: 'inc-1:reminder:2',
  },
  escalation: {
    level: 'critical',
    message: 'Nobody has acknowledged it in 15 min.',
    at: T0 + 15 * MINUTE,
    restarts: 3,
  },
  early_warning: {
    message: 'Its answers take 840 ms, usual are 210 ms; it is slower since 20 min.',
    at: T0 + 20 * MINUTE,
    restarts: 0,
    cause: undefined,
    seen: undefined,
  },
  trend_over: {
    level: 'info',
    message: 'Its answers take 220 ms again.',
    resolvedAt: T0 + 50 * MINUTE,
    at: T0 + 50 * MINUTE,
    restarts: 0,
    cause: undefined,
    seen: undefined,
  },
};

const storm = { id: 'storm-1', group: 'project erp', services: 20, failing: 12, openedAt: T0, lastSeenAt: T0 };

export const documentOf = ({ json }: NoticeText): AlertDocument => alertDocumentSchema.parse(JSON.parse(json));

/** The document of an alert of another service. */
export const documentFor = (id: string, change: Partial<AlertBody> = {}, dependsOn: string[] = []): AlertDocument => {
  const service = makeService({ id, name: id, project: 'erp', dependsOn: dependsOn.map((on) => ({ service: on })) });
  const kind = change.kind ?? 'unhealthy';
  return documentOf(buildNotice(service, makeAlert({ deduplicationKey: `inc-${id}:${kind}`, ...change }), place));
};

const group = [
  documentFor('shop', { kind: 'recovered', level: 'info', message: 'Healthy again after 1 min' }),
  documentFor('invoices', { level: 'error' }, ['ledger-db']),
  documentOf(buildNotice(billing, makeAlert(), place)),
  documentFor('ledger-db', { level: 'error', message: 'no answer in 3 s. It is not restarted: it has no steps.' }),
  documentFor('search', {
    level: 'critical',
    kind: 'restart_limit_exceeded',
    message: 'It is down. Somebody must look.',
  }),
];

const ofServices = Object.entries(alerts).map(([kind, change]): [string, NoticeText] => [
  kind,
  buildNotice(billing, makeAlert({ kind: kind as AlertKind, ...change }), place),
]);

/** The notice of every kind. */
export const notices = {
  ...(Object.fromEntries(ofServices) as Record<AlertKind, NoticeText>),
  storm: buildStormNotice(storm, 'storm', place),
  storm_over: buildStormNotice({ ...storm, endedAt: T0 + 7 * MINUTE }, 'storm_over', place),
  group: buildGroupNotice(group, { id: 'w1', since: T0, until: T0 + MINUTE, place }),
  sms_limit: buildSmsLimitNotice({ month: '2026-01', limit: 100, sent: 100, at: T0, place }),
} satisfies Record<DocumentKind, NoticeText>;
