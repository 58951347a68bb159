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

/** Whether the invocation died after SNS had taken an alert and before that alert was struck off. */
export function diedInTheWindow({ lastWords = [] }: Ending): boolean {
  const published = lastWords.lastIndexOf('sink.publish');
  return published >= 0 && lastWords.lastIndexOf('services.saveState') < published;
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

  // In the order of their first publication, each kind under one key.
  const byKind = countOf(published.map(({ kind }) => kind));
  expect([...byKind.keys()].sort()).toEqual([...expected.alerts].sort());
  expect(countOf(published.map(({ deduplicationKey }) => deduplicationKey)).size).toBe(expected.alerts.length);
  const allowed = expected.alerts.length + (diedInTheWindow(end) ? 1 : 0);
  expect(published.length).toBeLessThanOrEqual(allowed);
}
