// Connects to a vetted address, in the clear or by TLS. Takes addresses only; names were looked up and vetted before.
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

/** Rejects with the socket's error, whose code tells what happened. */
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
 * Resolves after the handshake and, unless `verify` is off, only for a certificate that is trusted and made out to
 * `hostname`: so no header and no secret ever goes to somebody else.
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

/** SNI carries names only (RFC 6066), without the root's dot; for an address the certificate is held against it. */
function serverName(hostname: string): { servername?: string } {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  return isIP(bare) ? {} : { servername: bare };
}

let shared: SecureContext | undefined;

/**
 * Whom to trust: the system's authorities, and `more` beside them (PEM) for a private one. Building a context costs
 * far more than a handshake, so there is one for all probes, whether they verify or not.
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
