// The failure records of a service: what was seen, what was done about it, and what came of it (requirement H7).
import * as z from 'zod/mini';

export const failureTypes = [
  'health_check_failed',
  'container_stopped',
  'container_error',
  'restart_limit_exceeded',
  'restart_failed',
  'auto_restart',
] as const;
export type FailureType = (typeof failureTypes)[number];

export const recordKinds = [
  'healthy', // first good verdicts after registration
  'degraded',
  'unhealthy',
  'restart_ordered',
  'restart_begun',
  'restart_sent',
  'restart_adopted', // found already sent by an earlier, cut-off invocation
  'instance_changed',
  'restart_act_done', // a hook, the safety of the configuration, or what takes a restart back
  'requests_awaited',
  'restart_recovering', // could not be verified and is taken back
  'evidence', // what a restart would have destroyed
  'paused',
  'resumed',
  'restart_completed',
  'restart_failed',
  'restart_cancelled',
  'restart_held',
  'restart_observed', // would have been restarted, were it not for observe mode
  'limit_exceeded',
  'recovered',
  'dependency_down', // one that it can work without
  'flapping',
  'steady', // flapping is over
  'acknowledged', // somebody has taken the incident upon himself
  'early_warning', // it drifts away from its own past
  'trend_over',
  'cascade_begun', // what depends on it is restarted, as a person asked
  'cascade_passed_over',
  'cascade_completed',
  'cascade_stopped',
] as const;
export type RecordKind = (typeof recordKinds)[number];

/** One entry. `detectedAt` and `resolvedAt` are epoch ms of the incident it belongs to. */
export const recordBodySchema = z.object({
  kind: z.enum(recordKinds),
  level: z.enum(['info', 'warning', 'error', 'critical']),
  message: z.string(),
  incidentId: z.optional(z.string()),
  restartId: z.optional(z.string()),
  failureType: z.optional(z.enum(failureTypes)),
  action: z.enum(['restart', 'alert', 'none']),
  actionResult: z.optional(z.enum(['success', 'failed', 'pending'])),
  detectedAt: z.optional(z.number()),
  resolvedAt: z.optional(z.number()),
  details: z.optional(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
});
export type RecordBody = z.infer<typeof recordBodySchema>;

export const timelineRecordSchema = z.extend(recordBodySchema, {
  at: z.number(),
  intentId: z.string(),
  tenant: z.string(),
  id: z.string(),
  project: z.optional(z.string()),
});
export type TimelineRecord = z.infer<typeof timelineRecordSchema>;

const endings: readonly RecordKind[] = ['restart_completed', 'restart_failed', 'restart_cancelled'];
/**
 * Whether the record ends a restart, and so belongs into the restart history. A held order is over too, and whoever
 * asked for it looks there for the outcome; a record that no restart is ordered (it has no `restartId`) ends none.
 */
export const endsRestart = ({ kind, restartId }: Pick<RecordBody, 'kind' | 'restartId'>): boolean =>
  endings.includes(kind) || (kind === 'restart_held' && restartId !== undefined);
