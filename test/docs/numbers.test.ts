// The worked examples of docs/numbers.md: every sum is reckoned by hand from its own line, and held against the code,
// which rolls the same day up hour by hour.
import { readFileSync } from 'node:fs';

import { beforeAll, describe, expect, it } from 'vitest';

import { metricNames } from '../../lambdas/contract/metrics.ts';
import { type RecordKind, recordKinds, type TimelineRecord } from '../../lambdas/core/model/timeline.ts';
import { RELATIVE_ACCURACY } from '../../lambdas/core/numbers/latency-sketch.ts';
import { rollDay, sumsOf } from '../../lambdas/core/numbers/roll-day.ts';
import { HOUR_MS, type HourEntries, rollHour } from '../../lambdas/core/numbers/roll-hour.ts';
import { type PackedRow, packResults } from '../../lambdas/core/rounds/packed-row.ts';
import { numbersView } from '../../lambdas/core/views/numbers-view.ts';
import { recorded } from '../make/recorded.ts';
import { makeState } from '../make/state.ts';

const page = readFileSync(new URL('../../docs/numbers.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, body = '']) => body.trim());

const DAY = Date.UTC(2026, 0, 5);
const day = { from: DAY, before: DAY + 24 * HOUR_MS };
const timeOf = (text: string) => {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return DAY + (hours * 60 + minutes) * 60_000;
};
const kindOf = (word: string): RecordKind => {
  const kind = recordKinds.find((one) => one === word);
  if (!kind) throw new Error(`${word} is no kind of record`);
  return kind;
};
const record = (id: string, time: string, kind: RecordKind, details: TimelineRecord['details']): TimelineRecord => ({
  ...{ at: timeOf(time), intentId: time, tenant: 'default', id, kind },
  ...{ level: 'info', message: kind, action: 'none', details },
});
const known = (id: string) => ({
  ...{ tenant: 'default', id, project: 'erp', registeredAt: DAY - 1 },
  state: makeState({ health: 'healthy', healthSince: day.before }),
});

/** As the rollup function does it: hour by hour, and the day of the hours. */
function rolledUp(timelines: Record<string, TimelineRecord[]>, rows: PackedRow[], ids: string[]) {
  let before: HourEntries = {};
  const hours = Array.from({ length: 24 }, (_, index) => {
    const from = DAY + index * HOUR_MS;
    const services = ids.map(known);
    before = rollHour({ hour: { from, before: from + HOUR_MS }, rows, services, timelines, before });
    return { hour: from, entries: before };
  });
  return rollDay(day, hours, timelines);
}

let view: unknown;
const at = (path: string): unknown =>
  path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], view);

const sums = blocks('sum').flatMap((block) =>
  block.split('\n').map((line) => {
    const [path = '', sum = '', result = ''] = line.split(' = ');
    return [path, sum, Number(result)] as const;
  }),
);

describe('the example day', () => {
  beforeAll(() => {
    const rows = recorded(blocks('verdicts')[0] ?? '', { from: DAY }).map(({ beat, verdict, cause }): PackedRow => {
      const latencyMs = { up: 40, slow: 900, down: undefined, unknown: undefined }[verdict];
      const results = packResults([{ tenant: 'default', id: 'billing', verdict, cause, latencyMs }]);
      const written = { startedAt: beat, finishedAt: beat, due: 1, checked: 1, results };
      return { shard: 0, network: 'public', beat, ...written };
    });
    expect(rows).toHaveLength(1_440);
    const timeline = (blocks('timeline')[0] ?? '').split('\n').map((line) => {
      const [time = '', kind = '', ...words] = line.split(/\s+/);
      const details: Record<string, string | number> = {};
      for (let index = 0; index < words.length; index += 2) {
        const [name = '', value = ''] = words.slice(index, index + 2);
        details[name] = value.includes(':') ? timeOf(value) : name === 'kind' ? value : Number(value);
      }
      return record('billing', time, kindOf(kind), details);
    });
    const [rolled] = rolledUp({ 'default#billing': timeline }, rows, ['billing']);
    if (!rolled) throw new Error('nothing was rolled up');
    view = numbersView(rolled.roll, day);
  });

  it('has a sum for every number that is one', () => {
    expect(sums.length).toBeGreaterThanOrEqual(20);
    const told = ['uptimePercent', 'latencyMs', 'incidents', 'restarts'].flatMap((part) => {
      const inner = at(part);
      return typeof inner === 'object' && inner !== null ? Object.keys(inner).map((key) => `${part}.${key}`) : [part];
    });
    const explained = sums.map(([path]) => path);
    const left = told.filter((path) => !explained.some((one) => one.startsWith(path)));
    expect(left).toEqual(['latencyMs.p90', 'latencyMs.p95', 'restarts.neverHelped']);
  });

  it.each(sums)('is reckoned by hand: %s = %s', (path, sum, result) => {
    expect(sum).toMatch(/^[\d\s+*/().-]+$/);
    const byHand: unknown = new Function(`return ${sum}`)();
    const digits = (String(result).split('.')[1] ?? '').length;
    expect(Number(Number(byHand).toFixed(digits))).toBe(result);
    const ours = Number(at(path));
    if (/^latencyMs\.p/.test(path)) expect(Math.abs(ours - result)).toBeLessThanOrEqual(result * RELATIVE_ACCURACY);
    else expect(ours).toBe(result);
  });
});

describe('restarts that never help', () => {
  it('are those of the page', () => {
    const timelines: Record<string, TimelineRecord[]> = {};
    for (const line of (blocks('restarts')[0] ?? '').split('\n')) {
      const [id = '', ...rest] = line.split(/\s+/);
      timelines[`default#${id}`] = rest
        .join(' ')
        .split(', ')
        .flatMap((part) => {
          const [word = '', time = ''] = part.split(' ');
          const ended = { step: 1, kind: 'ecs', restarts: 1 };
          if (word === 'unhealthy') return [record(id, time, 'unhealthy', {})];
          if (word === 'failed') return [record(id, time, 'restart_failed', ended)];
          return [record(id, time, 'restart_completed', ended), record(id, time, 'recovered', ended)];
        });
    }
    const ids = Object.keys(timelines).map((name) => name.split('#')[1] ?? '');
    const { fleet } = sumsOf(rolledUp(timelines, [], ids));
    expect(numbersView(fleet, day).restarts.neverHelped).toEqual(JSON.parse(blocks('json')[0] ?? ''));
  });
});

describe('the metrics', () => {
  it('of the page are all that there are', () => {
    const [, table = ''] = page.split('## CloudWatch');
    const named = [...table.matchAll(/^\| (`.*?) +\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );
    expect(named.sort()).toEqual(Object.values(metricNames).sort());
  });
});
