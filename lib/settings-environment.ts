// The part of the functions' environment that follows from the settings; the construct adds what follows from the parts
// of the stack.
import { readFileSync } from 'node:fs';

import { documentPins } from './documents.ts';
import type { Settings } from './settings.ts';

export const settingsEnvironment = (settings: Settings) => ({
  LAMPLIGHTER_SHARDS: String(settings.shards),
  LAMPLIGHTER_EVENT_BUS: settings.alerts.eventBus ?? '',
  LAMPLIGHTER_GROUP_SECONDS: String(settings.alerts.groupSeconds),
  LAMPLIGHTER_QUIET_HOURS: settings.alerts.quietHours ? JSON.stringify(settings.alerts.quietHours) : '',
  LAMPLIGHTER_SMS: smsRule(settings),
  LAMPLIGHTER_ALLOWED_RANGES: settings.network.allowedRanges.join(','),
  LAMPLIGHTER_DOCUMENTS: documentPins,
  LAMPLIGHTER_MAX_IN_FLIGHT: '100',
  LAMPLIGHTER_STORM: JSON.stringify(settings.restart.storm),
  LAMPLIGHTER_MAX_RESTARTS: String(settings.restart.maxAtOnce),
  LAMPLIGHTER_RETENTION_DAYS: String(settings.retentionDays),
  LAMPLIGHTER_ROLLUP_RETENTION_DAYS: String(settings.rollupRetentionDays),
  LAMPLIGHTER_AUDIT_RETENTION_DAYS: String(settings.auditRetentionDays),
  LAMPLIGHTER_MIN_INTERVAL_SECONDS: String(settings.minIntervalSeconds),
  LAMPLIGHTER_DISCOVERY_CLUSTERS: settings.discovery.clusters.join(','),
  LAMPLIGHTER_RESTART_TAG: JSON.stringify(settings.restart.tag),
  LAMPLIGHTER_PEOPLE_SECRET: settings.api.basic?.secret ?? '',
  LAMPLIGHTER_BUILD: buildInfo(),
});

/** What the alert function needs to count text messages: which alerts each number gets, and not the number. */
const smsRule = ({ alerts: { sms, escalation, smsMonthlyLimit } }: Settings) => {
  const regular = sms.map(({ number: _number, ...filter }) => filter);
  const escalated = escalation.sms.map(() => ({ kinds: ['escalation'] }));
  return JSON.stringify({ monthlyLimit: smsMonthlyLimit, numbers: [...regular, ...escalated] });
};

/** What GET /info shows. The commit is given by the builder; a template must not change with the clock. */
function buildInfo(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return JSON.stringify({
    version,
    commit: process.env['LAMPLIGHTER_COMMIT'] ?? 'unknown',
    builtAt: process.env['LAMPLIGHTER_BUILT_AT'] ?? 'unknown',
  });
}
