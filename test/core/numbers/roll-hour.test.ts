import { describe, expect, it } from 'vitest';

import type { Verdict } from '../../../lambdas/core/model/observation.ts';
import type { State } from '../../../lambdas/core/model/state.ts';
import { countOf } from '../../../lambdas/core/numbers/roll.ts';
import { type HourEntries, NAMELESS, rollHour } from '../../../lambdas/core/numbers/roll-hour.ts';
import { type PackedRow, packResults } from '../../../lambdas/core/rounds/packed-row.ts';
import { makeState, T0 } from '../../make/state.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const hour = { from: T0, before: T0 + HOUR };
const next = { from: T0 + HOUR, before: T0 + 2 * HOUR };

const row = (beat: number, results: Record<string, [Verdict, number?]>, network: PackedRow['network'] = 'public') => ({
  ...{ shard: 0, network, beat, startedAt: beat, finishedAt: beat, due: 1, checked: 1 },
  results: packResults(
    Object.entries(results).map(([id, [verdict, latencyMs]]) => ({
      ...{ tenant: 'default', id, verdict, cause: 'none' as const, latencyMs },
    })),
  ),
});
const known = (id: string, state: Partial<State> = {}, registeredAt = T0 - 1) => ({
  ...{ tenant: 'default', id, project: 'erp', registeredAt },
  state: makeState({ health: 'healthy', healthSince: T0 - 1, ...state }),
});
const roll = (seen: Partial<Parameters<typeof rollHour>[0]>): HourEntries =>
  rollHour({ hour, rows: [], services: [], timelines: {}, before: {}, ...seen });

describe('an hour of a shard', () => {
  it('holds how often which verdict came, and how fast the good answers were', () => {
    const rows = [
      row(T0, { billing: ['up', 10], ledger: ['down'] }),
      row(T0 + MINUTE, { billing: ['slow', 30], ledger: ['unknown'] }),
      row(T0 + 2 * MINUTE, { billing: ['down', 500] }, 'private'),
    ];
    const { 'default#billing': billing, 'default#ledger': ledger } = roll({
      rows,
      services: [known('billing'), known('ledger')],
    });
    expect(billing).toMatchObject({ project: 'erp', carry: { health: 'healthy' } });
    expect(billing?.roll).toMatchObject({
      counts: { 'verdict.up': 1, 'verdict.slow': 1, 'verdict.down': 1, latencyMs: 40, watchedMs: HOUR },
      healths: { healthy: 1 },
    });
    expect(billing?.roll.latencies.map(([, count]) => count)).toEqual([1, 1]);
    expect(ledger?.roll.counts).toEqual({ 'verdict.down': 1, 'verdict.unknown': 1, watchedMs: HOUR });
  });

  it('was not watched where nothing could be told', () => {
    const entries = roll({ rows: [row(T0, { billing: ['unknown'] })], services: [known('billing')] });
    expect(entries['default#billing']?.roll.counts).toEqual({ 'verdict.unknown': 1 });
  });

  it('takes the beats of the hour and none beside it', () => {
    const rows = [T0 - MINUTE, T0, T0 + HOUR - 1, T0 + HOUR].map((beat) => row(beat, { billing: ['up', 1] }));
    const entries = roll({ rows, services: [known('billing')] });
    expect(countOf(entries['default#billing']!.roll, 'verdict.up')).toBe(2);
  });

  it('knows services that nobody looked at, but none that was registered later', () => {
    const entries = roll({ services: [known('quiet'), known('later', {}, T0 + HOUR)] });
    expect(Object.keys(entries)).toEqual(['default#quiet']);
    expect(entries['default#quiet']?.roll).toMatchObject({ counts: {}, healths: { healthy: 1 } });
  });

  it('knows by the hour before what a service was called that is gone, for as long as there are results of it', () => {
    const rows = [row(T0, { billing: ['up', 1] }), row(T0 + HOUR, { billing: ['up', 1] })];
    const first = roll({ rows, services: [known('billing')] });
    const gone = roll({ hour: next, rows, before: first });
    expect(gone['default#billing']).toMatchObject({
      project: 'erp',
      roll: { counts: { 'verdict.up': 1 }, healths: {} },
    });
    expect(roll({ hour: next, rows: [], before: first })).toEqual({});
  });

  it('counts what nobody can name any more, without a name', () => {
    const rows = [row(T0, { brief: ['up', 1], other: ['down'] })];
    const entries = roll({ rows });
    expect(Object.keys(entries)).toEqual([NAMELESS]);
    expect(entries[NAMELESS]?.roll.counts).toMatchObject({ 'verdict.up': 1, 'verdict.down': 1 });
    expect(roll({ hour: next, before: entries })).toEqual({});
  });

  it('goes on from the hour before: an outage lasts on', () => {
    const down = { at: T0 + 30 * MINUTE, intentId: 'i', tenant: 'default', id: 'billing', kind: 'unhealthy' as const };
    const record = { ...down, level: 'error' as const, message: '', action: 'none' as const };
    const services = [known('billing', { health: 'unhealthy', healthSince: down.at })];
    const first = roll({ services, timelines: { 'default#billing': [record] } });
    expect(countOf(first['default#billing']!.roll, 'downMs')).toBe(30 * MINUTE);
    const second = roll({ hour: next, services, before: first });
    expect(second['default#billing']?.roll).toMatchObject({ counts: { downMs: HOUR }, healths: { unhealthy: 1 } });
  });

  it('notes of how many restarts any helped', () => {
    const details = { step: 1, kind: 'ecs', durationMs: 1 };
    const record = (minute: number, kind: 'restart_completed' | 'restart_failed' | 'unhealthy') => ({
      ...{ at: T0 + minute * MINUTE, intentId: `${minute}`, tenant: 'default', id: 'billing', kind, details },
      ...{ level: 'info' as const, message: '', action: 'none' as const },
    });
    const timelines = {
      'default#billing': [record(1, 'restart_failed'), record(2, 'restart_completed'), record(3, 'unhealthy')],
    };
    const entries = roll({ services: [known('billing'), known('other')], timelines });
    expect(entries['default#billing']?.roll.restarted).toEqual({ 'default#billing': { ended: 2, lasting: 0 } });
    expect(entries['default#other']?.roll.restarted).toEqual({});
  });

  it('counts by reason what a state says was held back, and nothing where it says nothing', () => {
    const held = { heldBack: { flapping: 3, storm: 0 } } as Partial<State>;
    const entries = roll({ services: [known('billing', held), known('other')] });
    expect(entries['default#billing']?.roll.counts).toEqual({ 'held.flapping': 3 });
    expect(entries['default#other']?.roll.counts).toEqual({});
  });

  it('counts the alerts that came since the hour before, also of a service that was registered anew', () => {
    const alertsIn = (entries: HourEntries) => entries['default#billing']?.roll.counts;
    const first = roll({ services: [known('billing', { owed: { error: 2 } })] });
    expect(alertsIn(first)).toEqual({ 'alert.error': 2 });
    const more = roll({ hour: next, services: [known('billing', { owed: { error: 3, info: 1 } })], before: first });
    expect(alertsIn(more)).toEqual({ 'alert.error': 1, 'alert.info': 1 });
    const anew = roll({ hour: next, services: [known('billing', { owed: { error: 1 } })], before: first });
    expect(alertsIn(anew)).toEqual({ 'alert.error': 1 });
    const twice = roll({ services: [known('billing', { owed: { error: 2 } })] });
    expect(twice).toEqual(first);
  });
});
