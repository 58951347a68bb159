// What every function needs from its process: the time, randomness, the log and metrics.
// The docstrings are contracts: every adapter and every fake keeps them.
import type { MetricName } from '../contract/metrics.ts';

export interface Clock {
  now(): number;
}

/** A random number in [0, 1) that spreads retries; the only source of randomness, so that core stays pure. */
export type Jitter = () => number;

export interface Log {
  info(message: string, details?: Readonly<Record<string, unknown>>): void;
  warn(message: string, details?: Readonly<Record<string, unknown>>): void;
  error(message: string, details?: Readonly<Record<string, unknown>>): void;
}

export interface Metrics {
  count(name: MetricName, value?: number): void;
  milliseconds(name: MetricName, value: number): void;
}
