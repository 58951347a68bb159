// Connects to a vetted address, in plain text or with TLS. Takes addresses only; names were looked up and vetted
// before.
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';

import type { Attempt } from './attempt.ts';

type Endpoint = Readonly<{ address: string; port: number }>;
type TlsWish = Readonly<{ hostname: string; verify: boolean; context: SecureContext }>;

/** Rejects with the socket's error, whose code says what happened. */
export function dialTcp(attempt: Attempt, { address, port }: Endpoint): Promise<Socket> {
  attempt.phase = 'a connection';
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host: address, port });
    attempt.dialled(socket);
    socket.on('error', reject);
    socket.once('connect', () => {
      attempt.arrived();
      resolve(socket);
    });
  });
}

/**
 * Resolves after the handshake and, unless `verify` is off, only for a trusted certificate issued for `hostname`: so no
 * header and no secret ever goes to another host.
 */
export function dialTls(attempt: Attempt, { address, port }: Endpoint, wish: TlsWish): Promise<TLSSocket> {
  attempt.phase = 'a connection';
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      host: address,
      port,
      ...serverName(wish.hostname),
      secureContext: wish.context,
      rejectUnauthorized: wish.verify,
      ALPNProtocols: ['http/1.1'],
    });
    attempt.dialled(socket);
    socket.on('error', reject);
    socket.once('connect', () => {
      attempt.arrived();
      attempt.phase = 'the TLS handshake';
    });
    socket.once('secureConnect', () => {
      attempt.arrived();
      resolve(socket);
    });
  });
}

/** SNI carries names only (RFC 6066), without the root's dot; an address is checked against the certificate itself. */
function serverName(hostname: string): { servername?: string } {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  return isIP(bare) ? {} : { servername: bare };
}

let shared: SecureContext | undefined;

/**
 * Whom to trust: the system's authorities, and those in `more` (PEM) for private ones. Building a context costs far
 * more than a handshake, so all probes share one, whether they verify or not.
 */
export function trustContext(more: readonly string[] = []): () => SecureContext {
  if (more.length === 0) return () => (shared ??= createSecureContext());
  let own: SecureContext | undefined;
  return () => (own ??= createSecureContext({ ca: [...getCACertificates('default'), ...more] }));
}

/** Whole days from `now` (epoch ms) until the peer's certificate ends; negative once it has ended. */
export function certificateDaysLeft(socket: TLSSocket, now: number): number | undefined {
  const ends = socket.getPeerX509Certificate()?.validToDate.getTime();
  return ends === undefined ? undefined : Math.floor((ends - now) / 86_400_000);
}
