// Metric names, dimensions and when each is not emitted. Fleet level only: a dimension per service would cost more
// than everything else together.

export const METRIC_NAMESPACE = 'Lamplighter';
/** The value of the one dimension, `service`: each further value would be billed as a metric of its own. */
export const METRIC_SERVICE = 'lamplighter';

export const metricNames = {
  /** One per scheduled round that was packed. Not emitted when the schedule does not fire: missing data is the alarm. */
  rounds: 'RoundsPacked',
  /** Services that were due in a pack; not emitted for a check of a single service. */
  due: 'ServicesDue',
  /** Services of a pack that were given a verdict, `unknown` included; below `ServicesDue` when the function was cut off. */
  checked: 'ServicesChecked',
  /** Verdicts `unknown`: the prober's own trouble. */
  unknown: 'VerdictsUnknown',
  /** Verdicts `down`, of a shard in a pack: the errors. Not emitted while there are none. */
  down: 'VerdictsDown',
  /** Mean milliseconds of the good answers of a shard in a pack. Not emitted when nothing answered. */
  duration: 'AnswerDuration',
  /** Milliseconds between a beat and the start of its pack. */
  lateness: 'Lateness',
  /** Items of the table that could not be decoded; 0 in good times and emitted with every pack. */
  faultyItems: 'FaultyItems',
  /** Ended restarts, one name per outcome. Not emitted while none ends. */
  restartsCompleted: 'RestartsCompleted',
  restartsFailed: 'RestartsFailed',
  /** Alerts that SNS took, one name per level. Not emitted while there are none. */
  alertsInfo: 'AlertsInfo',
  alertsWarning: 'AlertsWarning',
  alertsError: 'AlertsError',
  alertsCritical: 'AlertsCritical',
  /** Alerts that did not go out by themselves but in a group; not emitted while there is none. */
  alertsGrouped: 'AlertsGrouped',
  /** Age in milliseconds of the oldest intent that a pack found not carried out; emitted only when there is one. */
  oldestIntent: 'OldestPendingIntent',
} as const;

export type MetricName = (typeof metricNames)[keyof typeof metricNames];
