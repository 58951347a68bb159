// How services are probed, and what a probe needs.
// The docstrings are contracts: every adapter and every fake keeps them.
import type { EcsState } from '../core/judging/judge-ecs.ts';
import type { Observation } from '../core/model/observation.ts';
import type { Probe } from '../core/model/probe-spec.ts';
import type { Drain } from '../core/model/restart-spec.ts';

export interface Prober {
  /**
   * Probes once, without retry. Never rejects: a failing service is `down` or `slow`; our own trouble, or an abort by
   * `signal`, is `unknown`. Ends within the probe's own timeout.
   */
  probe(target: ProbeTarget, signal: AbortSignal): Promise<Observation>;
}

export type ProbeTarget = Readonly<{
  probe: Probe;
  correlationId: string;
  /** When the service last reported itself, for heartbeats. */
  heartbeatAt?: number | undefined;
  registeredAt: number;
  /** Heartbeats before this time (epoch ms) came from the instance that a restart has replaced. */
  reportsFrom?: number | undefined;
}>;

export interface RequestCounter {
  /**
   * How many requests a service has in flight, as it says itself. Undefined when that is not known: no answer, no
   * number, an address that must not be dialled. Never rejects, and ends within seconds.
   */
  count(drain: Drain, correlationId: string, signal: AbortSignal): Promise<number | undefined>;
}

export interface EcsStates {
  /** The state of an ECS service; undefined when there is none with that name. Rejects when ECS cannot be asked. */
  state(cluster: string, service: string, signal: AbortSignal): Promise<EcsState | undefined>;
}

export interface SecretSource {
  /** The value behind a reference; rejects when it cannot be read. Neither logs nor keeps it beyond the invocation. */
  read(kind: 'ssm' | 'secret', name: string, signal: AbortSignal): Promise<string>;
}
