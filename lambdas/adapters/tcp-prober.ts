// Probes a port: it is up if it accepts a connection.
import { judgeTiming } from '../core/judging/judge-answer.ts';
import type { Observation } from '../core/model/observation.ts';
import type { TcpProbe } from '../core/model/probe-spec.ts';
import { Attempt } from './attempt.ts';
import { dialTcp } from './dial.ts';
import type { GuardedLookup } from './guarded-lookup.ts';

/** Probes once; `Attempt` handles time, aborts and errors. */
export function probeTcp(probe: TcpProbe, lookup: GuardedLookup, signal: AbortSignal): Promise<Observation> {
  return new Attempt(probe.timeoutSeconds * 1000).run(async (attempt) => {
    const vetted = await lookup(probe.host);
    attempt.arrived();
    if (vetted.kind === 'stop') return vetted.observation;
    await dialTcp(attempt, { address: vetted.address, port: probe.port });
    return judgeTiming({ latencyMs: attempt.latencyMs() }, probe);
  }, signal);
}
