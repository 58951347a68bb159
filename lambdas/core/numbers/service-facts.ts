// What the timeline of one service says about a stretch of time: failures, downtime, restarts and their outcomes.
import * as z from 'zod/mini';

import { healths } from '../model/conditions.ts';
import type { State } from '../model/state.ts';
import type { TimelineRecord } from '../model/timeline.ts';
import { addUp, type Counts, type RestartEnd } from './roll.ts';

/** A stretch of time: `from` belongs to it, `before` does not. Epoch ms. */
export type Stretch = Readonly<{ from: number; before: number }>;

/** A restart after which a service is unhealthy again within this time did not help. */
const RELAPSE_WITHIN_MS = 3_600_000;

/** What must be known about the time before: health, since when it was down, and the last restart that was verified. */
export const carrySchema = z.object({
  health: z.enum(healths),
  downSince: z.optional(z.number()),
  verified: z.optional(z.object({ at: z.number(), step: z.string() })),
  /** How far the state had counted alerts, under the names of counts. */
  counted: z.optional(z.record(z.string(), z.number())),
});
export type Carry = Readonly<z.infer<typeof carrySchema>>;
export const nothingBefore: Carry = { health: 'pending' };

/** By the names of counts. */
type Counted = Readonly<Record<string, number>>;
export type Facts = Readonly<{ counts: Counted; carry: Carry }>;

/**
 * `records` may reach beyond the stretch and are oldest first. `state` is the present state, if the service still
 * exists: a health that has not changed since the end of the stretch was the health at its end.
 */
export function factsOf(
  records: readonly TimelineRecord[],
  stretch: Stretch,
  before: Carry,
  state: Pick<State, 'health' | 'healthSince'> | undefined,
): Facts {
  let facts: Facts = { counts: {}, carry: before };
  for (const record of records)
    if (record.at >= stretch.from && record.at < stretch.before) facts = withRecordSeen(facts, record, stretch);
  const carry = settled(facts.carry, stretch, state);
  return { carry, counts: downUntil(facts.counts, carry, stretch, stretch.before) };
}

/** A record that came too late, or got lost, must not leave a service down for ever. */
function settled(carry: Carry, { before }: Stretch, state: Pick<State, 'health' | 'healthSince'> | undefined): Carry {
  if (!state || state.healthSince >= before || state.health === carry.health) return carry;
  const downSince = state.health === 'unhealthy' ? (carry.downSince ?? state.healthSince) : undefined;
  return { ...carry, health: state.health, downSince };
}

function withRecordSeen({ counts, carry }: Facts, record: TimelineRecord, stretch: Stretch): Facts {
  switch (record.kind) {
    case 'healthy':
    case 'degraded':
      return { counts, carry: { ...carry, health: record.kind } };
    case 'unhealthy':
      return wentDown({ counts, carry }, record);
    case 'recovered':
      return cameBack({ counts, carry }, record, stretch);
    case 'restart_completed': {
      const took = plus(counts, { 'heal.count': 1, 'heal.ms': numberIn(record, 'durationMs') });
      const step = stepOf(record);
      return { counts: ended(took, step, 'completed'), carry: { ...carry, verified: { at: record.at, step } } };
    }
    case 'restart_failed': {
      const failed = { counts: ended(counts, stepOf(record), 'failed'), carry };
      if (record.detectedAt !== record.at) return failed;
      // A service that was well and did not come back from a restart that a person wanted is down since then. Where
      // nothing was done to it, or nobody could look, it is not known to be.
      return record.details?.['health'] === 'degraded'
        ? { ...failed, carry: { ...carry, health: 'degraded' } }
        : wentDown(failed, record);
    }
    default:
      return { counts, carry };
  }
}

function wentDown({ counts, carry }: Facts, record: TimelineRecord): Facts {
  if (carry.downSince !== undefined) return { counts, carry };
  const failingSince = record.details?.['failingSince'];
  const detected = typeof failingSince === 'number' ? { 'detect.count': 1, 'detect.ms': record.at - failingSince } : {};
  const failed = plus(counts, { failures: 1, ...detected });
  const { verified } = carry;
  const isRelapse = verified !== undefined && record.at - verified.at <= RELAPSE_WITHIN_MS;
  return {
    counts: isRelapse ? ended(failed, verified.step, 'relapsed') : failed,
    carry: { health: 'unhealthy', downSince: record.at },
  };
}

/** Of an incident in which it was degraded and no more, nothing is counted. */
function cameBack({ counts, carry }: Facts, record: TimelineRecord, stretch: Stretch): Facts {
  const { downSince, ...rest } = carry;
  const after: Carry = { ...rest, health: 'healthy' };
  if (downSince === undefined) return { counts, carry: after };
  const how = numberIn(record, 'restarts') > 0 ? 'restarted' : 'alone';
  const back = plus(counts, {
    [`recovered.${how}.count`]: 1,
    [`recovered.${how}.ms`]: record.at - downSince,
  });
  return { counts: downUntil(back, carry, stretch, record.at), carry: after };
}

const downUntil = (counts: Counted, { downSince }: Carry, { from }: Stretch, until: number): Counted =>
  downSince === undefined ? counts : plus(counts, { downMs: until - Math.max(from, downSince) });

const plus = (counts: Counted, more: Counts): Counted => addUp([counts, more]);
const ended = (counts: Counted, step: string, how: RestartEnd): Counted =>
  plus(counts, { [`restart.${step}.${how}`]: 1 });

/** `1 ecs`: the first step of its ladder, and what that does. */
const stepOf = ({ details }: TimelineRecord): string => `${details?.['step'] ?? '?'} ${details?.['kind'] ?? '?'}`;

function numberIn({ details }: TimelineRecord, name: string): number {
  const value = details?.[name];
  return typeof value === 'number' ? value : 0;
}
