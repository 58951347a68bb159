import { describe, expect, it } from 'vitest';

import type { RecordKind, TimelineRecord } from '../../../lambdas/core/model/timeline.ts';
import { type Carry, factsOf, nothingBefore } from '../../../lambdas/core/numbers/service-facts.ts';
import { T0 } from '../../make/state.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const hour = { from: T0, before: T0 + HOUR };
const record = (minute: number, kind: RecordKind, change: Partial<TimelineRecord> = {}): TimelineRecord => ({
  ...{ at: T0 + minute * MINUTE, intentId: `i${minute}`, tenant: 'default', id: 'billing' },
  ...{ kind, level: 'info', message: kind, action: 'none' },
  ...change,
});
const ended = { step: 1, kind: 'ecs', durationMs: 90_000 };
const facts = (records: TimelineRecord[], before: Carry = nothingBefore, state?: Parameters<typeof factsOf>[3]) =>
  factsOf(records, hour, before, state);

describe('what a timeline says of a stretch', () => {
  it('counts a failure, how long it took to see it, and the downtime up to the recovery', () => {
    const seen = facts([
      record(5, 'unhealthy', { details: { failingSince: T0 + 3 * MINUTE } }),
      record(15, 'recovered', { details: { restarts: 0 } }),
    ]);
    expect(seen).toEqual({
      counts: {
        ...{ failures: 1, 'detect.count': 1, 'detect.ms': 2 * MINUTE, downMs: 10 * MINUTE },
        ...{ 'recovered.alone.count': 1, 'recovered.alone.ms': 10 * MINUTE },
      },
      carry: { health: 'healthy' },
    });
  });

  it('tells a recovery with a restart from one without, and an older version kept no time of the first look', () => {
    const { counts } = facts([record(5, 'unhealthy'), record(9, 'recovered', { details: { restarts: 2 } })]);
    expect(counts).toEqual({
      ...{ failures: 1, downMs: 4 * MINUTE },
      ...{ 'recovered.restarted.count': 1, 'recovered.restarted.ms': 4 * MINUTE },
    });
  });

  it('cuts downtime at the ends of the stretch, and recovers with the whole of it', () => {
    const before = { health: 'unhealthy', downSince: T0 - HOUR } as const;
    expect(facts([], before)).toEqual({ counts: { downMs: HOUR }, carry: before });
    expect(facts([record(10, 'recovered')], before).counts).toEqual({
      ...{ downMs: 10 * MINUTE, 'recovered.alone.count': 1, 'recovered.alone.ms': 70 * MINUTE },
    });
    expect(facts([record(50, 'unhealthy')])).toEqual({
      counts: { failures: 1, downMs: 10 * MINUTE },
      carry: { health: 'unhealthy', downSince: T0 + 50 * MINUTE },
    });
  });

  it('counts what is in the stretch and nothing beside it', () => {
    const { counts } = facts([record(-1, 'unhealthy'), record(60, 'unhealthy')]);
    expect(counts).toEqual({});
    expect(facts([record(0, 'unhealthy')]).counts).toMatchObject({ failures: 1 });
  });

  it('counts nothing of what was only degraded', () => {
    expect(facts([record(5, 'degraded')])).toEqual({ counts: {}, carry: { health: 'degraded' } });
    expect(facts([record(5, 'degraded'), record(9, 'recovered')])).toEqual({
      counts: {},
      carry: { health: 'healthy' },
    });
    expect(facts([record(5, 'healthy'), record(6, 'evidence')]).carry).toEqual({ health: 'healthy' });
  });

  it('counts restarts by step and outcome, and how long a verified one took', () => {
    const { counts, carry } = facts([
      record(5, 'restart_failed', { details: ended, detectedAt: T0 }),
      record(9, 'restart_completed', { details: { ...ended, step: 2, kind: 'ssm' } }),
      record(9, 'restart_cancelled', { details: ended }),
    ]);
    expect(counts).toEqual({
      ...{ 'restart.1 ecs.failed': 1, 'restart.2 ssm.completed': 1, 'heal.count': 1, 'heal.ms': 90_000 },
    });
    expect(carry.verified).toEqual({ at: T0 + 9 * MINUTE, step: '2 ssm' });
  });

  it('counts a service as down that a person restarted and that did not come back', () => {
    const at = T0 + 5 * MINUTE;
    const seen = facts([record(5, 'restart_failed', { details: ended, detectedAt: at })]);
    expect(seen.counts).toEqual({ 'restart.1 ecs.failed': 1, failures: 1, downMs: 55 * MINUTE });
    expect(seen.carry).toEqual({ health: 'unhealthy', downSince: at });
  });

  it('counts none as down to which nothing was done, or that nobody could look at', () => {
    const details = { ...ended, health: 'degraded' };
    const seen = facts([record(5, 'restart_failed', { details, detectedAt: T0 + 5 * MINUTE })]);
    expect(seen).toEqual({ counts: { 'restart.1 ecs.failed': 1 }, carry: { health: 'degraded' } });
  });

  it('counts a relapse once, for the step that had been verified within the hour before', () => {
    const verified = { at: T0 - 50 * MINUTE, step: '1 ecs' };
    const before = { health: 'healthy', verified } as const;
    const twice = [record(5, 'unhealthy'), record(6, 'recovered'), record(7, 'unhealthy'), record(8, 'recovered')];
    expect(facts(twice, before).counts).toMatchObject({ failures: 2, 'restart.1 ecs.relapsed': 1 });
    expect(facts([record(10, 'unhealthy')], before).counts).toMatchObject({ 'restart.1 ecs.relapsed': 1 });
    expect(facts([record(11, 'unhealthy')], before).counts).not.toHaveProperty(['restart.1 ecs.relapsed']);
  });

  it('counts one failure of one outage, whatever is recorded meanwhile', () => {
    expect(facts([record(5, 'unhealthy'), record(6, 'unhealthy')]).counts).toMatchObject({ failures: 1 });
  });

  it('names a step that an older version did not', () => {
    expect(facts([record(5, 'restart_failed')]).counts).toEqual({ 'restart.? ?.failed': 1 });
  });

  it('believes the state where that has stood since before the end, whatever record is missing', () => {
    const down = { health: 'unhealthy', downSince: T0 - HOUR } as const;
    const well = { health: 'healthy', healthSince: T0 } as const;
    expect(facts([], down, well)).toEqual({ counts: {}, carry: { health: 'healthy' } });
    const failing = { health: 'unhealthy', healthSince: T0 + 30 * MINUTE } as const;
    expect(facts([], nothingBefore, failing)).toEqual({
      counts: { downMs: 30 * MINUTE },
      carry: { health: 'unhealthy', downSince: T0 + 30 * MINUTE },
    });
    expect(facts([], down, { ...well, healthSince: T0 + HOUR }).carry).toEqual(down);
    expect(facts([], down, { ...failing, healthSince: T0 - HOUR }).carry).toEqual(down);
  });
});
