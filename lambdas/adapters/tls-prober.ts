// Probes a TLS port: it is up if the handshake succeeds, and `slow` if its certificate expires soon.
import { judgeTiming } from '../core/judging/judge-answer.ts';
import type { Observation } from '../core/model/observation.ts';
import type { TlsProbe } from '../core/model/probe-spec.ts';
import { Attempt } from './attempt.ts';
import { certificateDaysLeft, dialTls } from './dial.ts';
import type { ProberTools } from './http-ask.ts';

/** Probes once; `Attempt` handles time, aborts and errors. */
export function probeTls(probe: TlsProbe, tools: ProberTools, signal: AbortSignal): Promise<Observation> {
  return new Attempt(probe.timeoutSeconds * 1000).run(async (attempt) => {
    const vetted = await tools.lookup(probe.host);
    attempt.arrived();
    if (vetted.kind === 'stop') return vetted.observation;
    const wish = { hostname: probe.host, verify: probe.verifyCertificate, context: tools.tls() };
    const socket = await dialTls(attempt, { address: vetted.address, port: probe.port }, wish);
    const daysLeft = certificateDaysLeft(socket, tools.clock.now());
    return judgeTiming({ latencyMs: attempt.latencyMs(), certificateDaysLeft: daysLeft }, probe);
  }, signal);
}
