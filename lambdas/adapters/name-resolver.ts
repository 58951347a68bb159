// Names to addresses, so that names whose servers do not answer cannot hold up the others. Judges no address.
import { lookup, Resolver } from 'node:dns/promises';

import { hostsFile, type HostsTable } from './hosts-file.ts';

/**
 * All addresses of a name, IPv4 first; rejects with a code: `ENOTFOUND` for no such name, others for our own trouble.
 */
export type Resolve = (hostname: string) => Promise<readonly string[]>;
type NameServers = Pick<Resolver, 'resolve4' | 'resolve6'>;
type Sources = Readonly<{ servers?: NameServers; hosts?: HostsTable; system?: Resolve; now?: () => number }>;

/** Long enough for all services of a pack on one name to share a query, short enough to follow a failover. */
const KEPT_MS = 10_000;
/**
 * How much longer than IPv4, which is what gets dialled, IPv6 may take so that it is vetted as well (RFC 8305 has 50
 * ms).
 */
const IPV6_GRACE_MS = 50;
const MOST_KEPT = 20_000;

/**
 * The hosts file first, then the name servers directly: the system's `getaddrinfo` waits in a pool of four threads, and
 * four names on a silent server would block it for all. Only a name without a dot goes to the system, because only the
 * system knows search domains. `now` is epoch ms.
 */
export function nameResolver({
  servers = new Resolver({ timeout: 1000, tries: 2 }),
  hosts = hostsFile(),
  system = systemLookup,
  now = Date.now,
}: Sources = {}): Resolve {
  const ask = shared((name) => (name.includes('.') ? askServers(servers, name) : system(name)), now);
  return async (hostname) => {
    const name = hostname.toLowerCase().replace(/\.$/, '');
    return hosts(name) ?? (await ask(name));
  };
}

const systemLookup: Resolve = async (hostname) => {
  const found = await lookup(hostname, { all: true });
  return found.map(({ address }) => address);
};

/** One query at a time per name, its answer kept for a moment. A failure is forgotten at once. */
function shared(ask: Resolve, now: () => number): Resolve {
  type Entry = { addresses: Promise<readonly string[]>; answeredAt?: number };
  const entries = new Map<string, Entry>();
  const isFresh = ({ answeredAt }: Entry) => answeredAt === undefined || Math.abs(now() - answeredAt) < KEPT_MS;
  return (name) => {
    const known = entries.get(name);
    if (known && isFresh(known)) return known.addresses;
    const entry: Entry = { addresses: ask(name) };
    if (entries.size >= MOST_KEPT) entries.clear();
    entries.set(name, entry);
    entry.addresses.then(
      () => (entry.answeredAt = now()),
      () => entries.get(name) === entry && entries.delete(name),
    );
    return entry.addresses;
  };
}

type Answer = Readonly<{ addresses: readonly string[]; fault?: Error }>;

/**
 * Both families at the same time. A name is missing only if both say so; the addresses of one suffice, whatever fails
 * with the other.
 */
async function askServers(servers: NameServers, name: string): Promise<readonly string[]> {
  const ipv6 = settled(servers.resolve6(name));
  const four = await settled(servers.resolve4(name));
  const six = await (four.addresses.length > 0 ? within(IPV6_GRACE_MS, ipv6) : ipv6);
  const addresses = [...four.addresses, ...six.addresses];
  if (addresses.length > 0) return addresses;
  throw [four.fault, six.fault].find((fault) => fault && !saysMissing(fault)) ?? missing(name);
}

const settled = (asked: Promise<readonly string[]>): Promise<Answer> =>
  asked.then(
    (addresses) => ({ addresses }),
    (fault: Error) => ({ addresses: [], fault }),
  );

async function within(ms: number, answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve({ addresses: [] }), ms);
  });
  return await Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
}

const saysMissing = (fault: Error) => 'code' in fault && (fault.code === 'ENOTFOUND' || fault.code === 'ENODATA');

const missing = (name: string) => Object.assign(new Error(`${name} has no address`), { code: 'ENOTFOUND' });
