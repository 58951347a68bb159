// What must follow from a state change. An intent is stored in the same write as the state that caused it, handed to
// its queue, and struck off by whoever carried it out: that is what makes a crash between any two steps harmless.
import * as z from 'zod/mini';

import { changeSchema } from './conditions.ts';
import { alertLevels } from './service.ts';
import { failureTypes, recordBodySchema } from './timeline.ts';

export const alertKinds = [
  'degraded',
  'unhealthy',
  'restart_held',
  'restart_failed',
  'restart_limit_exceeded',
  'recovered',
  'dependency_down',
  'flapping',
  'steady', // flapping is over
  'reminder',
  'escalation',
  'early_warning',
  'trend_over',
] as const;
export type AlertKind = (typeof alertKinds)[number];

const common = {
  /** Unique within its service. */
  id: z.string(),
  at: z.number(),
  /** When it was last handed to its queue; a minute later it is handed over again. */
  handedAt: z.number(),
  /** Somebody is carrying it out until then; nobody else may. */
  claimedUntil: z.optional(z.number()),
  /**
   * Which half is done when the other one failed: people (or the timeline) have been told, or the event bus has. Only
   * the other half is repeated.
   */
  half: z.optional(z.enum(['told', 'on_bus'])),
};

/** A restart that is over: what it did, what came of it, and when. */
export const triedSchema = z.object({ what: z.string(), outcome: z.string(), at: z.number() });

const alertBodySchema = z.object({
  kind: z.enum(alertKinds),
  level: z.enum(alertLevels),
  failureType: z.optional(z.enum(failureTypes)),
  incidentId: z.string(),
  /** Incident and kind: receivers use it to drop duplicates. */
  deduplicationKey: z.string(),
  message: z.string(),
  detectedAt: z.number(),
  resolvedAt: z.optional(z.number()),
  restarts: z.number(),
  /** When it was decided. Missing in items of older versions, as are all fields below. */
  at: z.optional(z.number()),
  /** Cause of the last verdict, and the message with which the incident began. */
  cause: z.optional(z.string()),
  seen: z.optional(z.string()),
  /** Why nothing is restarted at the moment. */
  held: z.optional(z.string()),
  /** Nothing is restarted by itself until a person acts or it recovers. */
  handsOff: z.optional(z.boolean()),
  tried: z.optional(z.array(triedSchema)),
  evidence: z.optional(z.string()),
  /** It is not the first news: it may wait for others of its project, to be sent with them. */
  canWait: z.optional(z.boolean()),
});
export type AlertBody = z.infer<typeof alertBodySchema>;

export const intentSchema = z.discriminatedUnion('kind', [
  z.object({ ...common, kind: z.literal('restart'), restartId: z.string() }),
  z.object({ ...common, kind: z.literal('probe'), dueAt: z.number() }),
  z.object({ ...common, kind: z.literal('cascade'), restartId: z.string() }),
  z.object({ ...common, kind: z.literal('alert'), alert: alertBodySchema }),
  z.object({
    ...common,
    kind: z.literal('record'),
    record: recordBodySchema,
    /** What changed in the same step, on one of its records. The event bus is told of it. */
    change: z.optional(changeSchema),
  }),
]);
export type Intent = Readonly<z.infer<typeof intentSchema>>;

/** After this long without being carried out an intent is handed over again, in ms. */
export const HAND_AGAIN_AFTER_MS = 60_000;
