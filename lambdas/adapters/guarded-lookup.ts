// Turns a host into the one address to dial: resolved once, every address of the name vetted, nothing looked up again.
import { isIP } from 'node:net';

import type { Observation } from '../core/model/observation.ts';
import { literalAddress, refusedRange } from '../core/registration/address.ts';
import { nameResolver, type Resolve } from './name-resolver.ts';
import { observationOfError, ownTrouble } from './probe-fault.ts';

type Vetted = { kind: 'dial'; address: string } | { kind: 'stop'; observation: Observation };
export type GuardedLookup = (hostname: string) => Promise<Vetted>;

let ofProcess: Resolve | undefined;
/** Shared by all guards of the process and created when first needed: it keeps answers for a moment. */
const resolveOfProcess: Resolve = (hostname) => (ofProcess ??= nameResolver())(hostname);

/**
 * Builds the guard. It returns an address, not a name, so a name that resolves differently the next moment (rebinding)
 * gains nothing. One refused address among several refuses the name: such an answer is likely an attempt to get past
 * the guard. IPv4 is preferred, as Lambda reaches no IPv6 outside a VPC.
 */
export function guardedLookup(allowedRanges: readonly string[], resolve: Resolve = resolveOfProcess): GuardedLookup {
  const rangeOf = remembered((address) => refusedRange(address, allowedRanges));
  return async (hostname) => {
    const literal = isIP(hostname) ? hostname : literalAddress(hostname);
    try {
      return vet(hostname, literal === undefined ? await resolve(hostname) : [literal], rangeOf);
    } catch (error) {
      return { kind: 'stop', observation: withoutBlame(observationOfError(error)) };
    }
  };
}

/** A name server that refuses or resets is no fault of the service: of all lookup failures, only a missing name is. */
const withoutBlame = (seen: Observation): Observation =>
  seen.verdict === 'down' && seen.cause !== 'name_unresolved' ? ownTrouble('the name could not be looked up') : seen;

type RangeOf = (address: string) => string | undefined;

function vet(hostname: string, addresses: readonly string[], rangeOf: RangeOf): Vetted {
  for (const address of addresses) {
    const range = rangeOf(address);
    if (range) return refuse(`${hostname} leads to ${address}, which Lamplighter does not dial: ${range}`);
  }
  const address = addresses.find((candidate) => !candidate.includes(':')) ?? addresses[0];
  return address === undefined ? refuse(`${hostname} leads to no address`) : { kind: 'dial', address };
}

/**
 * The result depends on nothing but the address, and judging costs a tenth of a probe: the addresses of a fleet are
 * remembered.
 */
function remembered(judge: RangeOf): RangeOf {
  const judged = new Map<string, string | undefined>();
  return (address) => {
    if (judged.has(address)) return judged.get(address);
    if (judged.size >= MOST_REMEMBERED) judged.clear();
    const range = judge(address);
    judged.set(address, range);
    return range;
  };
}
const MOST_REMEMBERED = 20_000;

const refuse = (message: string): Vetted => ({
  kind: 'stop',
  observation: { verdict: 'unknown', cause: 'address_refused', message },
});
