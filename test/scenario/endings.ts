// How an outage must end, whatever was killed, doubled or delayed on the way.
import { expect } from 'vitest';

import type { RecordKind } from '../../lambdas/core/model/timeline.ts';
import type { Ending } from './world.ts';

export type Expected = Readonly<{ alerts: readonly string[]; records: readonly RecordKind[]; restarts: number }>;

const restarted = ['restart_ordered', 'restart_begun', 'evidence', 'restart_sent'] as const;
const verified = ['instance_changed', 'restart_completed', 'recovered'] as const;

export const oneRestart: Expected = {
  alerts: ['unhealthy', 'recovered'],
  records: ['healthy', 'unhealthy', ...restarted, ...verified],
  restarts: 1,
};
export const twoRestarts: Expected = {
  alerts: ['unhealthy', 'restart_failed', 'recovered'],
  records: ['healthy', 'unhealthy', ...restarted, 'restart_failed', ...restarted, ...verified],
  restarts: 2,
};

/** An order that an earlier invocation had sent is adopted instead of sent: the one line that a death may change. */
const asSent = (kind: RecordKind): RecordKind => (kind === 'restart_adopted' ? 'restart_sent' : kind);

const countOf = <T>(items: readonly T[]): Map<T, number> =>
  items.reduce((counts, item) => counts.set(item, (counts.get(item) ?? 0) + 1), new Map<T, number>());

/** Of what health the bus heard, each entry once. */
function healthOnBus({ onBus }: Ending): readonly string[] {
  const once = new Map(onBus.map((entry) => [entry.key, entry]));
  const changes = [...once.values()].filter(({ type }) => type === 'Lamplighter State Change');
  return changes
    .sort((a, b) => a.at - b.at)
    .map(({ detail }) => JSON.parse(detail) as { from: string; to: string })
    .flatMap(({ from, to }) => (from === to ? [] : [`${from} > ${to}`]));
}

/** Whether the invocation died after SNS had taken an alert and before that alert was struck off. */
export function diedInTheWindow({ lastWords = [] }: Ending): boolean {
  const published = lastWords.lastIndexOf('sink.publish');
  return published >= 0 && lastWords.lastIndexOf('services.saveState') < published;
}

function diedOverTheBus({ lastWords = [] }: Ending): boolean {
  const put = lastWords.lastIndexOf('bus.put');
  return put >= 0 && lastWords.lastIndexOf('services.saveState') < put;
}

export function expectEnding(end: Ending, expected: Expected): void {
  const { state, orders, published, timeline, history } = end;
  expect(state.health).toBe('healthy');
  expect(state.incident).toBeUndefined();
  expect(state.intents).toEqual([]);
  expect(state.restart).toMatchObject({ phase: 'completed', outcome: 'verified' });

  expect(orders.map(({ restartId }) => restartId)).toHaveLength(expected.restarts);
  expect(new Set(orders.map(({ restartId }) => restartId)).size).toBe(expected.restarts);
  expect(state.restartTimes).toHaveLength(expected.restarts);
  expect(state.totalRestarts).toBe(expected.restarts);

  expect(timeline.map(({ kind }) => asSent(kind))).toEqual(expected.records);
  expect(history.map(({ kind }) => kind)).toEqual(
    expected.records.filter((kind) => kind === 'restart_failed' || kind === 'restart_completed').reverse(),
  );

  // Nothing is lost on the way to the bus, and nothing doubles there but what was put before a death.
  const alerts = published.map(({ deduplicationKey }) => deduplicationKey);
  const keys = end.onBus.map(({ key }) => key);
  const alertsOnBus = end.onBus.filter(({ type }) => type === 'Lamplighter Alert').map(({ key }) => key);
  expect(new Set(alertsOnBus)).toEqual(new Set(alerts));
  expect(healthOnBus(end)).toEqual(['pending > healthy', 'healthy > unhealthy', 'unhealthy > healthy']);
  if (!diedOverTheBus(end)) expect(new Set(keys).size).toBe(keys.length);

  // In the order of their first publication, each kind under one key.
  const byKind = countOf(published.map(({ kind }) => kind));
  expect([...byKind.keys()].sort()).toEqual([...expected.alerts].sort());
  expect(countOf(published.map(({ deduplicationKey }) => deduplicationKey)).size).toBe(expected.alerts.length);
  const allowed = expected.alerts.length + (diedInTheWindow(end) ? 1 : 0);
  expect(published.length).toBeLessThanOrEqual(allowed);
}
