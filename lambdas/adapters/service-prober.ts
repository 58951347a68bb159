// The Prober: hands each probe to the prober for its kind. One per process; it keeps nothing between probes.
import type { Observation } from '../core/model/observation.ts';
import { assertNever } from '../core/result.ts';
import type { EcsStates, Prober, ProbeTarget, SecretSource } from '../ports/prober.ts';
import type { Clock } from '../ports/process.ts';
import { trustContext } from './dial.ts';
import { guardedLookup } from './guarded-lookup.ts';
import { probeHeartbeat } from './heartbeat-prober.ts';
import type { ProberTools } from './http-ask.ts';
import { probeHttp } from './http-prober.ts';
import type { Resolve } from './name-resolver.ts';
import { observationOfError } from './probe-fault.ts';
import { probeEcs } from './state-prober.ts';
import { probeTcp } from './tcp-prober.ts';
import { probeTls } from './tls-prober.ts';

export type ProberOptions = Readonly<{
  /** CIDR ranges that may be dialled although they are not public, such as `10.0.0.0/8`. */
  allowedRanges: readonly string[];
  secrets: SecretSource;
  clock: Clock;
  /** How names become addresses; by default the hosts file and the name servers. */
  resolve?: Resolve | undefined;
  /** Authorities (PEM) to trust besides the system's own, for services with private certificates. */
  authorities?: readonly string[] | undefined;
  /** The states of ECS services; only if this prober may ask for them. */
  ecs?: EcsStates | undefined;
}>;

/** The tools that all probes over the network share. */
export const proberTools = ({ allowedRanges, secrets, clock, resolve, authorities }: ProberOptions): ProberTools => ({
  lookup: guardedLookup(allowedRanges, resolve),
  secrets,
  clock,
  tls: trustContext(authorities),
});

export function createProber(options: ProberOptions, tools = proberTools(options)): Prober {
  return {
    async probe(target, signal) {
      try {
        return await probeByKind(target, tools, options.ecs, signal);
      } catch (error) {
        return observationOfError(error);
      }
    },
  };
}

async function probeByKind(
  target: ProbeTarget,
  tools: ProberTools,
  ecs: EcsStates | undefined,
  signal: AbortSignal,
): Promise<Observation> {
  const { probe } = target;
  switch (probe.kind) {
    case 'http':
      return await probeHttp(probe, target.correlationId, tools, signal);
    case 'tcp':
      return await probeTcp(probe, tools.lookup, signal);
    case 'tls':
      return await probeTls(probe, tools, signal);
    case 'heartbeat':
      return probeHeartbeat(probe, target, tools.clock);
    case 'ecs':
      return await probeEcs(probe, ecs, tools.clock, signal);
    default:
      return assertNever(probe);
  }
}
