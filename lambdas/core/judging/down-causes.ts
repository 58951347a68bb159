// For which causes a service can be seen down, given how it is probed.
import type { Cause } from '../model/observation.ts';
import type { Probe } from '../model/probe-spec.ts';

const network: readonly Cause[] = ['refused', 'reset', 'timeout', 'name_unresolved', 'unreachable'];
const ofKind: Readonly<Record<Probe['kind'], readonly Cause[]>> = {
  tcp: network,
  tls: [...network, 'tls_failed'],
  // A redirect may lead to https.
  http: [
    ...[...network, 'tls_failed' as const, 'wrong_status' as const, 'wrong_body' as const, 'body_too_large' as const],
    ...['too_many_redirects' as const, 'malformed_answer' as const],
  ],
  heartbeat: ['heartbeat_missing'],
  ecs: ['container_stopped', 'container_error'],
};

/** The causes that may come with the verdict `down` of this probe. */
export function downCauses(probe: Probe): readonly Cause[] {
  if (probe.kind !== 'http') return ofKind[probe.kind];
  const { actuator, overload } = probe.expect;
  return [
    ...ofKind.http,
    ...(actuator === undefined ? [] : ['component_down' as const]),
    ...(overload === 'down' ? ['overloaded' as const] : []),
  ];
}
