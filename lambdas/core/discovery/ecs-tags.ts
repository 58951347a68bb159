// What the tags of an ECS service ask for: a registration, nothing, or something that cannot be done. Whoever may tag
// the service may ask for it; ECS allows letters, digits, spaces and + - = . _ : / @ in a value.
import type { Fault } from '../faults.ts';
import type { Registration } from '../model/service.ts';
import { checkRegistration, type Limits } from '../registration/check-registration.ts';
import type { Endpoint } from '../registration/endpoint.ts';

/** An ECS service as a run of discovery saw it. */
export type SeenService = Readonly<{
  cluster: string;
  service: string;
  /** Not scaled to zero. */
  isRunning: boolean;
  tags: ReadonlyMap<string, string>;
  /** ARNs of the target groups of its load balancers. */
  targetGroups: readonly string[];
}>;

export type TagRules = Readonly<{
  limits: Limits;
  /** The tag that lets the restart function touch a service at all. */
  restartTag: Readonly<{ key: string; value: string }>;
  /** By target group; those that no application load balancer leads to are not in it. Undefined: could not be read. */
  endpoints: ReadonlyMap<string, Endpoint> | undefined;
}>;

type TagFault = Readonly<{ tag: string; message: string }>;
type Faulty = { kind: 'faulty'; faults: readonly TagFault[] };
export type TagReading =
  | { kind: 'untagged' }
  /** The load balancers could not be read, so nothing is decided for now. */
  | { kind: 'undecided' }
  | Faulty
  | { kind: 'wanted'; document: Registration };

const PREFIX = 'lamplighter:';
const tags = {
  path: `${PREFIX}health-path`,
  url: `${PREFIX}health-url`,
  id: `${PREFIX}id`,
  tenant: `${PREFIX}tenant`,
  project: `${PREFIX}project`,
  profile: `${PREFIX}profile`,
  network: `${PREFIX}network`,
  restart: `${PREFIX}restart`,
} as const;
const known: readonly string[] = Object.values(tags);

/** The tag of registrations that discovery made; without it a registration is a person's, and is never touched. */
export const sourceTag = { key: `${PREFIX}source`, value: 'ecs-tags' } as const;

/** Where each fault of a document comes from; what is in none of these comes from the address. */
const origins: readonly (readonly [path: string, tag: string])[] = [
  ['id', tags.id],
  ['tenant', tags.tenant],
  ['project', tags.project],
  ['policy', tags.profile],
  ['probe.intervalSeconds', tags.profile],
  ['restart.mode', tags.restart],
];

/** The target groups whose load balancers must be known to read the tags of these services. */
export const targetGroupsOf = (services: readonly SeenService[]): readonly string[] => [
  ...new Set(services.flatMap((service) => (pathOf(service) === undefined ? [] : service.targetGroups))),
];

/** The path to ask for at the load balancer; a whole URL wins over it. */
const pathOf = (service: SeenService): string | undefined =>
  service.tags.has(tags.url) ? undefined : service.tags.get(tags.path);

export function readTags(service: SeenService, rules: TagRules): TagReading {
  const unknown = [...service.tags.keys()].filter((tag) => tag.startsWith(PREFIX) && !known.includes(tag));
  if (unknown.length > 0)
    return faulty(unknown.map((tag) => ({ tag, message: `is not known; there are ${known.join(', ')}` })));
  const path = pathOf(service);
  const url = service.tags.get(tags.url);
  if (path === undefined && url === undefined) return { kind: 'untagged' };
  if (path !== undefined && service.targetGroups.length > 0 && !rules.endpoints) return { kind: 'undecided' };
  const target = path === undefined ? { url } : behindBalancer(path, service, rules);
  if (isFaulty(target)) return target;
  const checked = checkRegistration(documentOf(service, target, rules), rules.limits);
  if (checked.kind === 'good') return { kind: 'wanted', document: checked.value };
  return faulty(checked.faults.map((fault) => ({ tag: originOf(fault, service), message: fault.message })));
}

const faulty = (faults: readonly TagFault[]): Faulty => ({ kind: 'faulty', faults });
const isFaulty = (target: object | Faulty): target is Faulty => 'kind' in target;

function behindBalancer(path: string, { targetGroups }: SeenService, { endpoints }: TagRules): object | Faulty {
  const no = (message: string) => faulty([{ tag: tags.path, message }]);
  if (!/^\/\S*$/.test(path)) return no('must begin with / and hold no space');
  const found = targetGroups.flatMap((group) => endpoints?.get(group) ?? []);
  const endpoint = found.find(({ isInternal }) => !isInternal) ?? found[0];
  if (!endpoint) return no(`needs an application load balancer that leads to the service; without one use ${tags.url}`);
  return {
    url: `${endpoint.origin}${path}`,
    ...(endpoint.isInternal && { network: 'private' }),
    // The load balancer's own name is in no certificate; to have the certificate watched, tag the whole URL.
    ...(endpoint.origin.startsWith('https:') && { verifyCertificate: false }),
  };
}

function documentOf({ cluster, service, tags: given }: SeenService, target: object, { restartTag }: TagRules): unknown {
  const profile = given.get(tags.profile);
  const network = given.get(tags.network);
  const isOptedIn = given.get(restartTag.key) === restartTag.value;
  // The profile that only observes brings its mode along.
  const mode = given.get(tags.restart) ?? (profile === 'observe-only' ? undefined : isOptedIn ? 'on' : 'off');
  return {
    id: given.get(tags.id) ?? idFrom(service),
    tenant: given.get(tags.tenant),
    name: service.slice(0, 100),
    project: given.get(tags.project),
    tags: { [sourceTag.key]: sourceTag.value },
    probe: { kind: 'http', ...target, ...(network !== undefined && { network }) },
    policy: { profile },
    // The step is there with any mode: it identifies the service, and lets a person ask for a restart.
    restart: { mode, steps: [{ kind: 'ecs', cluster, service }] },
  };
}

/** `Shop_Web` → `shop-web` */
const idFrom = (service: string) =>
  service
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);

function originOf({ path }: Fault, service: SeenService): string {
  if (path === 'probe.network' && service.tags.has(tags.network)) return tags.network;
  const [, tag] = origins.find(([start]) => path === start || path.startsWith(`${start}.`)) ?? [];
  return tag ?? (pathOf(service) === undefined ? tags.url : tags.path);
}
