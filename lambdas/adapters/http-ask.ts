// One hop of an HTTP request: the name looked up and vetted, the address dialled, the request sent, and as much of the
// answer read as the caller wishes. The caller judges it.
import type { SecureContext } from 'node:tls';

import type { BodyWish } from '../core/judging/judge-answer.ts';
import type { Observation } from '../core/model/observation.ts';
import type { SecretSource } from '../ports/prober.ts';
import type { Clock } from '../ports/process.ts';
import type { Attempt } from './attempt.ts';
import { certificateDaysLeft, dialTcp, dialTls } from './dial.ts';
import type { GuardedLookup } from './guarded-lookup.ts';
import { exchange, type Head } from './http-exchange.ts';
import type { Hop } from './http-hop.ts';

/** What the probers of a process share. */
export type ProberTools = Readonly<{
  lookup: GuardedLookup;
  secrets: SecretSource;
  clock: Clock;
  tls: () => SecureContext;
}>;
export type HopErrand = Readonly<{
  correlationId: string;
  attempt: Attempt;
  tools: ProberTools;
  verifyCertificate: boolean;
}>;
export type HopAnswer =
  | Readonly<{ kind: 'answer'; head: Head; body?: string; daysLeft: number | undefined }>
  | Readonly<{ kind: 'too_large' }>
  /** The name has no address that may be dialled, or could not be looked up. */
  | Readonly<{ kind: 'stop'; observation: Observation }>;

const USER_AGENT = 'Lamplighter/1';

/** Rejects with the socket's error; the caller runs inside an `Attempt`, which judges it. */
export async function askHop(errand: HopErrand, hop: Hop, wish: (head: Head) => BodyWish): Promise<HopAnswer> {
  const { attempt, tools, correlationId } = errand;
  const { url, method } = hop;
  attempt.phase = 'its name';
  const vetted = await tools.lookup(url.hostname);
  attempt.arrived();
  if (vetted.kind === 'stop') return vetted;

  const isTls = url.protocol === 'https:';
  const endpoint = { address: vetted.address, port: Number(url.port) || (isTls ? 443 : 80) };
  const tls = { hostname: url.hostname, verify: errand.verifyCertificate };
  const secured = isTls ? await dialTls(attempt, endpoint, { ...tls, context: tools.tls() }) : undefined;
  const daysLeft = secured && certificateDaysLeft(secured, tools.clock.now());
  const socket = secured ?? (await dialTcp(attempt, endpoint));

  const headers = ['host', url.host, 'user-agent', USER_AGENT, 'x-correlation-id', correlationId];
  for (const [name, value] of Object.entries(hop.headers)) headers.push(name, value);
  const exchanged = await exchange(attempt, socket, { method, path: url.pathname + url.search, headers }, wish);
  return exchanged.kind === 'too_large' ? exchanged : { ...exchanged, daysLeft };
}
