// Where a redirect leads, and which headers may go along.
import type { Observation } from '../core/model/observation.ts';
import type { Conceal } from './conceal.ts';
import { down } from './probe-fault.ts';

/**
 * One request of a chain. `headers` are the registered ones, secrets filled in. It is tainted if its address was made
 * from a secret: then not even the host, which may be a part of it, is shown to anybody.
 */
export type Hop = Readonly<{
  url: URL;
  method: string;
  headers: Readonly<Record<string, string>>;
  isTainted: boolean;
}>;
export type HopEnd = { kind: 'judged'; observation: Observation } | { kind: 'redirect'; next: Hop };

const REDIRECTS = [301, 302, 303, 307, 308];

export const isRedirect = (status: number) => REDIRECTS.includes(status);

/**
 * The next hop. The registered headers are dropped once the origin changes, and for good: they may hold credentials,
 * and were meant for the registered service.
 */
export function nextHop(hop: Hop, status: number, location: string, conceal: Conceal): HopEnd {
  const url = URL.parse(location, hop.url.href);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    return { kind: 'judged', observation: down('malformed_answer', `answered ${status} and leads to no http address`) };
  const method = status === 303 && hop.method !== 'HEAD' ? 'GET' : hop.method;
  const headers = url.origin === hop.url.origin ? hop.headers : {};
  // Once tainted, all following hops are: a relative address keeps the host.
  const isTainted = hop.isTainted || conceal.message(location) !== location;
  return { kind: 'redirect', next: { url, method, headers, isTainted } };
}
