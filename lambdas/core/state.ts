// What Lamplighter knows of one service: health, counters, incident, restart and pending intents. One item, one write.
import * as z from 'zod/mini';

import { alertKinds, intentSchema } from './intents.ts';
import { causes, verdicts } from './observation.ts';
import { restartStepSchema } from './restart-spec.ts';
import { failureTypes } from './timeline.ts';

export const healths = ['pending', 'healthy', 'degraded', 'unhealthy'] as const;
export type Health = (typeof healths)[number];

export const phases = [
  'idle',
  'preparing',
  'waiting_requests',
  'restarting',
  'verifying',
  'recovering',
  'completed',
  'failed',
  'cancelled',
] as const;
type Phase = (typeof phases)[number];

const count = z.int().check(z.gte(0));
const time = z.number();

const restartSchema = z.object({
  id: z.string(),
  phase: z.enum(phases),
  step: restartStepSchema,
  stepIndex: count,
  trigger: z.enum(['automatic', 'manual']),
  by: z.string(),
  reason: z.string(),
  force: z.boolean(),
  orderedAt: time,
  /** The invocation that may send the order, until then alone. */
  leaseUntil: z.optional(time),
  begunAt: z.optional(time),
  /** The order before this one: what it began may still be under way, and is not somebody else's. */
  priorHandle: z.optional(z.string()),
  /** What stood there before, and what stands there after: deployment ids, command ids. */
  before: z.optional(z.string()),
  identity: z.optional(z.string()),
  handle: z.optional(z.string()),
  sentAt: z.optional(time),
  changedAt: z.optional(time),
  /** Verdicts of beats before this decide nothing. */
  holdUntil: z.optional(time),
  /** When the present phase counts as failed. */
  deadlineAt: time,
  /** When it is looked after next: whoever comes before that is a double, and goes. */
  nextPollAt: z.optional(time),
  /** Last sign of life of whoever carries it out. */
  touchedAt: time,
  endedAt: z.optional(time),
  outcome: z.optional(z.string()),
  output: z.optional(z.string()),
});
export type Restart = Readonly<z.infer<typeof restartSchema>>;

const incidentSchema = z.object({
  id: z.string(),
  openedAt: time,
  failureType: z.enum(failureTypes),
  message: z.string(),
  alerted: z.array(z.enum(alertKinds)),
  restarts: count,
  /** Why no restart is ordered at the moment. */
  held: z.optional(z.string()),
  /** No automatic restart until a person acts or the service recovers. */
  handsOff: z.optional(z.enum(['limit', 'cancelled'])),
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

export const stateSchema = z.object({
  health: z.enum(healths),
  healthSince: time,
  /** The newest beat that was counted, epoch ms. */
  lastBeat: time,
  /** Verdicts in a row; `answers` are up or slow. Capped where more would decide nothing, so that a steady service is not written. */
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
  /** When restarts were ordered, newest last, for budget and backoff. */
  restartTimes: z.array(time),
  totalRestarts: count,
  lastRestartAt: z.optional(time),
  backoffUntil: time,
  intents: z.array(intentSchema),
  /** Numbers intents, incidents and restarts. */
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
