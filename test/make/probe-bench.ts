// What the prober's tests share: a prober that may dial this machine, complete documents from parts, and servers that
// end with the test.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';

import { onTestFinished } from 'vitest';

import { createProber, type ProberOptions } from '../../lambdas/adapters/service-prober.ts';
import type { Observation } from '../../lambdas/core/model/observation.ts';
import { probeSchema, settleProbe } from '../../lambdas/core/model/probe-spec.ts';

const pem = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
export const credentials = (name: string) => ({ key: pem(`${name}.key`), cert: pem(`${name}.crt`) });

export const noSecrets = { read: () => Promise.reject(new Error('there are no secrets')) };

/** Listens on a free port of this machine until the test is over, and returns the port. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    sockets.add(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** Probes once. The document is that of a registration; only this machine's IPv4 loopback is allowed. */
export function look(
  document: object,
  options: Partial<ProberOptions> = {},
  {
    signal = new AbortController().signal,
    ...reported
  }: { signal?: AbortSignal; heartbeatAt?: number; reportsFrom?: number } = {},
): Promise<Observation> {
  const prober = createProber({
    allowedRanges: ['127.0.0.0/8'],
    secrets: noSecrets,
    clock: { now: () => Date.now() },
    authorities: [pem('ca.crt')],
    ...options,
  });
  const probe = settleProbe(probeSchema.parse(document), 60);
  return prober.probe({ probe, correlationId: 'c-1', registeredAt: 0, ...reported }, signal);
}

/** Keeps this thread, and so the event loop, busy. */
export function blockFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
