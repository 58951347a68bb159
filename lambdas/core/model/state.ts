// What Lamplighter knows of one service: health, counters, incident, restart and pending intents. One item, one write.
import * as z from 'zod/mini';

import { healths, type Phase, phases, restartKinds, restartTriggers } from './conditions.ts';
import { alertKinds, intentSchema, triedSchema } from './intents.ts';
import { acknowledgementSchema, flappingSchema, heldBackSchema, heldReasons, openingsSchema } from './noise.ts';
import { causes, verdicts } from './observation.ts';
import { restartStepSchema } from './restart-spec.ts';
import { failureTypes } from './timeline.ts';

const count = z.int().check(z.gte(0));
const time = z.number();

export const actKinds = ['before', 'validate', 'backup', 'drain', 'restart', 'after', 'restore', 'rollback'] as const;
export type ActKind = (typeof actKinds)[number];
/** One thing that a restart does; all but `drain` are a step that is sent and followed. */
const actSchema = z.object({ kind: z.enum(actKinds), step: z.optional(restartStepSchema) });
export type Act = Readonly<z.infer<typeof actSchema>>;

const restartSchema = z.object({
  id: z.string(),
  phase: z.enum(phases),
  mode: z._default(z.enum(restartKinds), 'restart'),
  /** The rung of the ladder, or the reload. */
  step: restartStepSchema,
  /** All that is to be done, in order, as it stood in the registration when the restart was ordered. */
  acts: z._default(z.array(actSchema), []),
  /** Where in `acts` it is; times, lease and handle below are those of this act. */
  actIndex: z._default(count, 0),
  /** The acts of the way back, when it cannot be verified. */
  recovery: z._default(z.array(actSchema), []),
  /** Why it is being rolled back, and which act failed. */
  failure: z.optional(z.string()),
  failedAct: z.optional(z.enum(actKinds)),
  /** Why its step must not be sent any more; what was done before it is being undone. */
  held: z.optional(z.string()),
  /**
   * Who has cancelled it, and why. What a hook has done before its step is undone first, once the act under way has
   * ended.
   */
  cancelledBy: z.optional(z.string()),
  cancelReason: z.optional(z.string()),
  /** The handle of the act that restarted the service, once it was sent, and when that was. */
  restartHandle: z.optional(z.string()),
  restartSentAt: z.optional(time),
  /** When its first act was begun. */
  firstBegunAt: z.optional(time),
  /** What it would destroy has been recorded. */
  hasEvidence: z.optional(z.boolean()),
  /** Requests under way, as they were last counted. */
  activeRequests: z.optional(count),
  drainSeconds: z.optional(count),
  stepIndex: count,
  trigger: z.enum(restartTriggers),
  by: z.string(),
  reason: z.string(),
  force: z.boolean(),
  orderedAt: time,
  /** The invocation that may send the order, until then alone. */
  leaseUntil: z.optional(time),
  begunAt: z.optional(time),
  /** The newest deployment of ours, of whichever restart: it may still be under way, and is not somebody else's. */
  priorHandle: z.optional(z.string()),
  /** The instance before the restart and after it: deployment ids, command ids. */
  before: z.optional(z.string()),
  identity: z.optional(z.string()),
  handle: z.optional(z.string()),
  sentAt: z.optional(time),
  changedAt: z.optional(time),
  /** Verdicts of beats before this decide nothing. */
  holdUntil: z.optional(time),
  /** When the present phase counts as failed. */
  deadlineAt: time,
  /** Why it has not begun yet: too many others are under way. */
  waitsFor: z.optional(z.string()),
  /** When it is polled next: a message that comes earlier is a duplicate and does nothing. */
  nextPollAt: z.optional(time),
  /** Last sign of life of the function that carries it out. */
  touchedAt: time,
  endedAt: z.optional(time),
  outcome: z.optional(z.string()),
  output: z.optional(z.string()),
  /** Once it is verified, what depends on the service is restarted too. */
  cascade: z.optional(z.boolean()),
  /** The restart of another service that this one follows. */
  cascadeOf: z.optional(z.string()),
});
export type Restart = Readonly<z.infer<typeof restartSchema>>;

const incidentSchema = z.object({
  id: z.string(),
  openedAt: time,
  failureType: z.enum(failureTypes),
  message: z.string(),
  alerted: z.array(z.enum(alertKinds)),
  restarts: count,
  /** People were not told that it began: it was paused, or part of something larger. */
  untold: z.optional(z.boolean()),
  /** People were told only later, when they already knew about the larger outage. */
  toldLate: z.optional(z.boolean()),
  /** When it would have been restarted first, were it not for observe mode. */
  wouldAt: z.optional(time),
  /** The first beat of the present run of answers: by the time it closes, the service has been back since then. */
  answersSince: z.optional(time),
  /** Why no restart is ordered at the moment. */
  held: z.optional(z.string()),
  /** No automatic restart until a person acts or the service recovers. */
  handsOff: z.optional(z.enum(['limit', 'cancelled'])),
  /** Finished restarts of it, newest last, and the evidence that they would have destroyed: for the texts of alerts. */
  tried: z.optional(z.array(triedSchema)),
  evidence: z.optional(z.string()),
  /** When people were told first. */
  toldAt: z.optional(time),
  /** Why the last alert of it was held back. */
  heldBy: z.optional(z.enum(heldReasons)),
  acknowledged: z.optional(acknowledgementSchema),
  /** Its escalation was due while people wanted no alert, and was counted as held back. */
  escalationHeld: z.optional(z.boolean()),
  /** How many reminders were due, and when the next one is. */
  reminders: z.optional(z.object({ count, nextAt: time })),
});
export type Incident = Readonly<z.infer<typeof incidentSchema>>;

const lookSchema = z.object({
  beat: time,
  verdict: z.enum(verdicts),
  cause: z.enum(causes),
  latencyMs: z.optional(z.number()),
  message: z.optional(z.string()),
  certificateDaysLeft: z.optional(z.number()),
});

const cascadeSchema = z.object({
  /** The restart that it follows. */
  restartId: z.string(),
  by: z.string(),
  reason: z.string(),
  force: z.boolean(),
  /** The services to restart, level by level; unknown until the first look. */
  levels: z.optional(z.array(z.array(z.string()))),
  /** The level that is being restarted. */
  level: count,
  /** Services that were skipped in the levels before it. */
  passedOver: z.optional(z.array(z.string())),
  /** When it is looked at next. */
  nextAt: time,
});
/** The restart, level by level, of all services that depend on this one. */
export type Cascade = Readonly<z.infer<typeof cascadeSchema>>;

const pauseSchema = z.object({ by: z.string(), reason: z.optional(z.string()), at: time, until: z.optional(time) });

export const stateSchema = z.object({
  health: z.enum(healths),
  healthSince: time,
  /** The newest beat that was counted, epoch ms. */
  lastBeat: time,
  /**
   * Verdicts in a row; `answers` are up or slow. Capped where a higher count changes nothing, so a steady service is
   * not written.
   */
  downs: count,
  slows: count,
  ups: count,
  answers: count,
  /** Beats of the downs inside the window of F-of-W. */
  downBeats: z.array(time),
  /** The first beat of the present run without an answer. */
  failingSince: z.optional(time),
  /** The newest verdict that was written here; newer ones of a steady service are in the packed rows. */
  last: z.optional(lookSchema),
  incident: z.optional(incidentSchema),
  restart: z.optional(restartSchema),
  /** Taken out of service on purpose: still probed, but neither restarted nor alerted on. */
  paused: z.optional(pauseSchema),
  /** The services that depend on it are being restarted, because a person asked for that. */
  cascade: z.optional(cascadeSchema),
  /** The cascades of others that have ordered a restart here, newest last: each does so once. */
  cascadedBy: z.optional(z.array(z.string())),
  /** When its last incidents began, as many as make it flap. */
  openings: z.optional(openingsSchema),
  flapping: z.optional(flappingSchema),
  /** Alerts that nobody got, counted. Never written by itself, only along with other changes. */
  heldBack: z.optional(heldBackSchema),
  /** Incidents of dependencies that people were warned about, identified by their beginning. */
  warnedOf: z.optional(z.array(z.object({ service: z.string(), since: time }))),
  /** How it drifts away from its own past, and whether people were told; receivers drop duplicates by its `id`. */
  trend: z.optional(
    z.object({
      id: z.string(),
      kind: z.enum(['latency', 'errors']),
      since: time,
      now: z.number(),
      usual: z.number(),
      message: z.string(),
      told: z.boolean(),
    }),
  ),
  /** As of when the drift began or ended: an older, late observation changes nothing. */
  trendAt: z.optional(time),
  /** When people were last warned of full disks. */
  disksToldAt: z.optional(time),
  /**
   * Observe mode's score: incidents in which it would have been restarted, and how many of them ended alone within a
   * minute.
   */
  observed: z._default(z.object({ would: count, alone: count }), { would: 0, alone: 0 }),
  /** How many alerts were ever owed to people, by level; roll-ups take the increase since their last run. */
  owed: z.optional(z.record(z.string(), count)),
  /** When restarts were ordered, newest last, for budget and backoff. */
  restartTimes: z.array(time),
  totalRestarts: count,
  lastRestartAt: z.optional(time),
  backoffUntil: time,
  intents: z.array(intentSchema),
  /** A counter that numbers intents, incidents and restarts. */
  sequence: count,
});
export type State = Readonly<z.infer<typeof stateSchema>>;

/** A service that has just been registered. */
export function freshState(now: number): State {
  return {
    health: 'pending',
    healthSince: now,
    lastBeat: 0,
    downs: 0,
    slows: 0,
    ups: 0,
    answers: 0,
    downBeats: [],
    observed: { would: 0, alone: 0 },
    restartTimes: [],
    totalRestarts: 0,
    backoffUntil: 0,
    intents: [],
    sequence: 0,
  };
}

const underWay: readonly Phase[] = ['preparing', 'waiting_requests', 'restarting', 'verifying', 'recovering'];
/** The restart that is under way, if one is. */
export function runningRestart(state: State): Restart | undefined {
  return state.restart && underWay.includes(state.restart.phase) ? state.restart : undefined;
}

/** Whether a person has taken the service out of service at `now`. */
export const isPaused = ({ paused }: State, now: number): boolean =>
  paused !== undefined && (paused.until === undefined || now < paused.until);
