// What one probe saw. `unknown` is the prober's own trouble: it counts for nothing and can never cause a restart.

export const verdicts = ['up', 'slow', 'down', 'unknown'] as const;
export type Verdict = (typeof verdicts)[number];

/**
 * Why a verdict is not `up`. The order is stored in packed rows: append, never reorder.
 * `own_trouble` and `address_refused` and `secret_unavailable` come with `unknown` only.
 */
export const causes = [
  'none',
  'refused', // the port is closed
  'reset', // the connection was cut
  'timeout', // no whole answer in time
  'name_unresolved', // the name does not exist
  'tls_failed', // handshake or certificate
  'wrong_status',
  'wrong_body', // text or JSON assertion, or not JSON at all
  'body_too_large',
  'too_many_redirects',
  'malformed_answer', // not HTTP
  'unreachable', // no route to the host
  'too_slow', // a good answer after maxLatencyMs
  'certificate_expiring',
  'heartbeat_missing',
  'not_ready', // the readiness probe fails
  'address_refused', // an address that Lamplighter must not dial
  'secret_unavailable', // a {{ssm:…}} or {{secret:…}} could not be read
  'own_trouble', // cut off, out of sockets, DNS server down, no network here
  'overloaded', // it lives and says that it has too much to do
  'component_down', // its Actuator says that it, or a part of it, is down
  'container_stopped', // ECS runs fewer tasks than it should
  'container_error', // tasks fail: crashes, failed starts, a failed rollout
] as const;
export type Cause = (typeof causes)[number];

export type Observation = Readonly<{
  verdict: Verdict;
  cause: Cause;
  /** From the first dial to the last byte, in ms, by socket events; absent when nothing was answered. */
  latencyMs?: number | undefined;
  /** For people; never holds a header, a secret or a body. */
  message?: string | undefined;
  /** Whole days until the certificate ends, where TLS was spoken. */
  certificateDaysLeft?: number | undefined;
}>;
