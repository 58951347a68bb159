// What telling people needs, whether an alert goes out by itself or with others.
import { type MetricName, metricNames } from '../contract/metrics.ts';
import type { GroupRules } from '../core/alerts/group.ts';
import type { Place } from '../core/alerts/notice.ts';
import type { AlertLevel } from '../core/model/service.ts';
import type { AlertSink, AlertWindows } from '../ports/alerts.ts';
import type { Clock, Log, Metrics } from '../ports/process.ts';
import type { WindowQueue } from '../ports/queues.ts';

/** Longer than the function's own timeout, and shorter than the queue's visibility timeout. */
export const CLAIM_MS = 20_000;

export type Grouping = Readonly<{ windows: AlertWindows; queue: WindowQueue; rules: GroupRules }>;
export type TellPorts = Readonly<{
  sink: AlertSink;
  clock: Clock;
  metrics: Metrics;
  log: Log;
  /** Where the deployment is, for the links in alerts. */
  place?: Place | undefined;
  /** Without it, every alert goes out at once. */
  grouping?: Grouping | undefined;
}>;

export const levelMetrics: Readonly<Record<AlertLevel, MetricName>> = {
  info: metricNames.alertsInfo,
  warning: metricNames.alertsWarning,
  error: metricNames.alertsError,
  critical: metricNames.alertsCritical,
};
