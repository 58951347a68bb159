// Which addresses a prober may dial. Everything that is not plainly public is refused unless configuration opens it,
// and the addresses where clouds keep credentials are refused whatever configuration says.
import ipaddr from 'ipaddr.js';

import { remembered } from '../values/remembered.ts';

type Address = ReturnType<typeof ipaddr.parse>;
type Range = ReturnType<typeof ipaddr.parseCIDR>;
type Ranges = readonly (readonly [name: string, cidr: string])[];
type ParsedRanges = readonly { name: string; range: Range }[];

const parsed = (ranges: Ranges): ParsedRanges =>
  ranges.map(([name, cidr]) => ({ name, range: ipaddr.parseCIDR(cidr) }));

/** Credentials of EC2, ECS and EKS, the Lambda runtime API and the VPC's name server live here. */
const NEVER_OPENED = parsed([
  ['link-local (instance metadata, container credentials, Lambda runtime API)', '169.254.0.0/16'],
  ['instance metadata (IPv6)', 'fd00:ec2::/32'],
  ['link-local (IPv6)', 'fe80::/10'],
]);

/** An IPv6 address of these stands for an IPv4 address in its last four bytes, so that one is judged. */
const STANDS_FOR_IPV4 = parsed([
  ['IPv4-mapped', '::ffff:0:0/96'],
  ['NAT64', '64:ff9b::/96'],
]);

/** Detours to an IPv4 address that no service needs: refused whatever they lead to and whatever is opened. */
const DETOURS = parsed([
  ['IPv4-compatible', '::/96'],
  ['IPv4-translated', '::ffff:0:0:0/96'],
  ['local NAT64', '64:ff9b:1::/48'],
  ['6to4', '2002::/16'],
  ['Teredo', '2001::/32'],
]);

const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

const inRange = (address: Address, range: Range) => address.kind() === range[0].kind() && address.match(range);
const rangeOf = (address: Address, ranges: ParsedRanges) => ranges.find(({ range }) => inRange(address, range))?.name;

/**
 * The name of the refused range that `address` lies in, or undefined when it may be dialled. `allowed` are the CIDR
 * ranges that configuration opens, such as `10.0.0.0/8` or `::1/128`; an IPv4-mapped or NAT64 address is judged as
 * the IPv4 address it stands for. What is no address at all is refused.
 */
export function refusedRange(address: string, allowed: readonly string[]): string | undefined {
  if (!ipaddr.isValid(address)) return 'not an address';
  return refused(ipaddr.parse(address), allowed);
}

function refused(address: Address, allowed: readonly string[]): string | undefined {
  const never = rangeOf(address, NEVER_OPENED);
  if (never) return never;
  if (rangeOf(address, STANDS_FOR_IPV4)) return refused(ipaddr.fromByteArray(address.toByteArray().slice(-4)), allowed);
  const name = address.range();
  const isItself = name === 'loopback' || name === 'unspecified'; // ::1 and :: look IPv4-compatible and are not
  const detour = isItself ? undefined : rangeOf(address, DETOURS);
  if (detour) return detour;
  if (opened(allowed).some((range) => inRange(address, range))) return undefined;
  if (name !== 'unicast') return readable(name);
  return address.kind() === 'ipv4' || inRange(address, GLOBAL_UNICAST) ? undefined : 'unassigned';
}

/** Parsed once per list: configuration hands in the same one for every probe, and parsing costs more than all the rest. */
const opened = remembered((allowed: readonly string[]): readonly Range[] =>
  allowed.map((cidr) => ipaddr.parseCIDR(cidr)),
);

/** `carrierGradeNat` becomes `carrier grade nat`: the library's names, fit for a sentence. */
const readable = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** Whether configuration may name this as a range to open: an IPv4 (four decimal parts) or IPv6 address and a length. */
export function isCidr(text: string): boolean {
  return ipaddr.IPv4.isValidCIDRFourPartDecimal(text) || ipaddr.IPv6.isValidCIDR(text);
}

/**
 * The address that a host name spells out, in its usual form, or undefined when it is a name to look up. Takes what
 * `URL.hostname` gives (`[::1]`, `127.0.0.1`) and what a system's resolver would read as one (`0x7f.1`, `2130706433`).
 */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  if (!MAYBE_AN_ADDRESS.test(bare) || !ipaddr.isValid(bare)) return undefined;
  return ipaddr.parse(bare).toString();
}

/** Spares ordinary names the library's check, which throws and catches: that alone costs a third of a probe. */
const MAYBE_AN_ADDRESS = /:|^\d[\da-fx.]*$/i;
