// Checks where probes go and what they carry: no forbidden address, no credential in clear text. Reads the document as
// it came, so that these faults are named together with all others. Not part of the schema: stored documents must stay
// readable when a rule becomes stricter.
import * as z from 'zod/mini';

import type { Network } from '../../contract/networks.ts';
import { type Fault, pathText } from '../faults.ts';
import { bracketed, SECRET_REFERENCE } from '../model/probe-spec.ts';
import { literalAddress, refusedRange } from './address.ts';

const text = z.catch(z.optional(z.string()), undefined);
const probe = z.catch(
  z.object({
    kind: text,
    url: text,
    host: text,
    path: text,
    network: text,
    headers: z.catch(z.record(z.string(), z.unknown()), {}),
  }),
  { headers: {} },
);
type Readable = Partial<z.infer<typeof probe>> & Pick<z.infer<typeof probe>, 'headers'>;
const drainSchema = z.catch(
  z.object({ activeRequestsUrl: text, headers: z.catch(z.record(z.string(), z.unknown()), {}) }),
  { headers: {} },
);
/** The parts that can be read from any input, however wrong the rest is. */
const readableSchema = z.catch(
  z.object({
    probe,
    readiness: probe,
    restart: z.catch(z.object({ drain: drainSchema }), { drain: { headers: {} } }),
  }),
  {
    probe: { headers: {} },
    readiness: { headers: {} },
    restart: { drain: { headers: {} } },
  },
);
/** The count of requests is read in the same way as a probe, so the same rules apply. */
const drainOf = ({ activeRequestsUrl, headers }: z.infer<typeof drainSchema>): Readable => ({
  kind: 'http',
  url: activeRequestsUrl,
  headers,
});

/** Names that belong to a credential; its value would be stored and shown in clear. */
const CREDENTIAL = /^cookie$|secret|token|password|passwd|api[-_]?key|authorization|(^|[-_])auth($|[-_])/i;

/** What a deployment lets probes reach, and from where. */
export type Reach = Readonly<{
  allowedRanges: readonly string[];
  networks: readonly Network[];
  ecsState?: boolean | undefined;
}>;

/** Faults of where the probes of a document lead and of what they carry there. */
export function targetFaults(input: unknown, reach: Reach): readonly Fault[] {
  const readable = readableSchema.parse(input);
  const isPrivate = readable.probe.network === 'private';
  const faults = (['probe', 'readiness'] as const).flatMap((at) => [
    ...addressFaults(at, readable[at], isPrivate, reach),
    ...queryFaults(at, readable[at]),
    ...headerFaults(at, readable[at]),
  ]);
  const drain = drainOf(readable.restart.drain);
  const ofDrain = [
    ...addressFaults('restart.drain', drain, isPrivate, reach),
    ...queryFaults('restart.drain', drain),
    ...headerFaults('restart.drain', drain),
  ].map((fault) => ({
    ...fault,
    path: fault.path.replace(/^restart\.drain\.url$/, 'restart.drain.activeRequestsUrl'),
  }));
  faults.push(...ofDrain);
  if (readable.probe.kind === 'ecs' && reach.ecsState !== true)
    return [{ path: 'probe.kind', message: NO_ECS }, ...faults];
  if (!isPrivate || reach.networks.includes('private')) return faults;
  const message = "private needs network.vpcId in the deployment's settings: it has no prober inside a VPC";
  return [{ path: 'probe.network', message }, ...faults];
}

const NO_ECS = "ecs needs ecsState.clusters in the deployment's settings: nobody there may ask ECS how services stand";

/** `isPrivate`: the prober inside the VPC looks, by the one setting that holds for both probes. */
function addressFaults(
  at: string,
  { kind, url, host }: Readable,
  isPrivate: boolean,
  { allowedRanges, networks }: Reach,
): readonly Fault[] {
  if (kind === 'heartbeat') return [];
  const hosts: Readonly<Record<string, string | undefined>> = {
    url: url === undefined ? undefined : urlOf(url)?.hostname,
    host: host !== undefined && kind === 'http' ? urlOf(`http://${bracketed(host)}/`)?.hostname : host,
  };
  return Object.entries(hosts).flatMap(([field, name = '']) => {
    const address = literalAddress(name);
    if (address === undefined) return [];
    const path = `${at}.${field}`;
    const range = refusedRange(address, allowedRanges);
    if (range !== undefined)
      return [
        {
          path,
          message: `${name} is an address that must not be probed (${range}); use a public one, or allow its range in the deployment's settings`,
        },
      ];
    // If there is a prober inside the VPC, the ranges are opened only for that one.
    if (isPrivate || !networks.includes('private') || refusedRange(address, []) === undefined) return [];
    return [{ path, message: `${name} is reached from inside the VPC only; set probe.network to private` }];
  });
}

function queryFaults(at: string, { url, path }: Readable): readonly Fault[] {
  return Object.entries({ url, path }).flatMap(([field, given]) => {
    const query = given === undefined ? undefined : urlOf(given, 'http://host')?.searchParams;
    const name = [...(query?.keys() ?? [])].find((known) => CREDENTIAL.test(known));
    if (name === undefined) return [];
    return [
      {
        path: `${at}.${field}`,
        message: `holds a credential in the query parameter ${name}: put the value in a header with {{ssm:/lamplighter/probe/NAME}}`,
      },
    ];
  });
}

/** A value with braces that are no reference of ours is a fault of the schema already. */
function headerFaults(at: string, { headers }: Readable): readonly Fault[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (typeof value !== 'string' || !CREDENTIAL.test(name)) return [];
    if (value.search(SECRET_REFERENCE) >= 0 || value.includes('{{')) return [];
    return [
      {
        path: pathText([...at.split('.'), 'headers', name]),
        message: 'holds a credential: store it in Parameter Store and write {{ssm:/lamplighter/probe/NAME}} here',
      },
    ];
  });
}

const urlOf = (given: string, base?: string): URL | undefined => URL.parse(given, base) ?? undefined;
