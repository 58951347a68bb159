// Metrics that keep every value under its name.
import type { MetricName } from '../../lambdas/contract/metrics.ts';
import type { Metrics } from '../../lambdas/ports/process.ts';

export function fakeMetrics(): Metrics & { values: Partial<Record<MetricName, number[]>> } {
  const values: Partial<Record<MetricName, number[]>> = {};
  const add = (name: MetricName, value: number) => void (values[name] ??= []).push(value);
  return { values, count: (name, value = 1) => add(name, value), milliseconds: add };
}
