// Which registrations follow from the tags in ECS, which are to be removed, and where ECS and the registrations differ.
// Discovery replaces and removes only what it made itself; a person's registration is left alone.
import type { Registration } from '../model/service.ts';
import { type Drift, driftOf, type Finding, isConfirmed } from './drift.ts';
import type { SeenService, TagRules } from './ecs-tags.ts';
import {
  findingOf,
  isDiscovered,
  judgeService,
  keyOf,
  type NamedService,
  nameOf,
  namesIn,
  type Verdict,
} from './judge-service.ts';

/** `fault`: it could not be read to its end; its list of services is then incomplete. */
export type SeenCluster = Readonly<{ cluster: string; services: readonly SeenService[]; fault?: string | undefined }>;
export type Seen = Readonly<{
  clusters: readonly SeenCluster[];
  /** Every registration there is. */
  registrations: readonly Registration[];
  /** What the run before wrote down. */
  before: Drift | undefined;
  now: number;
}>;
export type DiscoveryPlan = Readonly<{
  remove: readonly Registration[];
  /** To be written after the removals: a service that asks for another id now loses its old one first. */
  register: readonly Registration[];
  drift: Drift;
}>;

/**
 * What a run has to do. A registration goes when its cluster was read to the end and neither its service nor its tags
 * are there, in two runs in a row; the first of them is kept in the drift.
 */
export function planDiscovery(seen: Seen, rules: TagRules): DiscoveryPlan {
  const { clusters, before, now } = seen;
  const read = clusters.filter(({ fault }) => fault === undefined);
  const mayGo = (finding: Finding) => isConfirmed(finding, before, now);
  const gone = goneFrom(seen.registrations, read);
  const going = new Set(gone.flatMap((verdict) => leaversOf(verdict, mayGo)));
  const staying = seen.registrations.filter((registration) => !going.has(registration));
  const verdicts = [...gone, ...judgeAll(read, staying, rules, mayGo)];

  const waiting = verdicts
    .flatMap(({ stale = [] }) => stale.map(({ finding }) => finding))
    .filter((one) => !mayGo(one));
  const findings = verdicts.flatMap((verdict) => verdict.findings ?? []);
  const summary = clusters.map(({ cluster, services, fault }) => ({ cluster, services: services.length, fault }));
  return {
    remove: [...new Set(verdicts.flatMap((verdict) => leaversOf(verdict, mayGo)))],
    register: verdicts.flatMap(({ register }) => register ?? []),
    // Findings that wait to be confirmed come first: a list that is too long must not leave them out.
    drift: driftOf({ at: now, clusters: summary }, [...waiting, ...findings], before),
  };
}

const leaversOf = ({ stale = [] }: Verdict, mayGo: (finding: Finding) => boolean): readonly Registration[] =>
  stale.filter(({ finding }) => mayGo(finding)).map(({ registration }) => registration);

/** Registrations whose service is not there, in the clusters that were read. */
function goneFrom(registrations: readonly Registration[], read: readonly SeenCluster[]): readonly Verdict[] {
  const clusters = new Set(read.map(({ cluster }) => cluster));
  const there = new Set(read.flatMap(({ services }) => services.map(nameOf)));
  return registrations.flatMap((registration) =>
    namesIn(registration)
      .filter((named) => clusters.has(named.cluster) && !there.has(nameOf(named)))
      .map((named) => goneVerdict(registration, named)),
  );
}

function goneVerdict(registration: Registration, named: NamedService): Verdict {
  const finding = findingOf('gone', named, `there is no ECS service ${nameOf(named)}`, registration);
  return isDiscovered(registration) ? { stale: [{ registration, finding }] } : { findings: [finding] };
}

/** One verdict per service, in the order of their names: of two that ask for the same id, the first one gets it. */
function judgeAll(
  read: readonly SeenCluster[],
  registrations: readonly Registration[],
  rules: TagRules,
  mayGo: (finding: Finding) => boolean,
): readonly Verdict[] {
  const byKey = new Map(registrations.map((registration) => [keyOf(registration), registration]));
  const naming = Map.groupBy(
    registrations.flatMap((registration) =>
      namesIn(registration).map((named) => ({ name: nameOf(named), registration })),
    ),
    ({ name }) => name,
  );
  const services = read.flatMap((cluster) => cluster.services).toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const claims = new Map<string, SeenService>();
  return services.map((service) => {
    const named = (naming.get(nameOf(service)) ?? []).map(({ registration }) => registration);
    const verdict = judgeService(service, rules, { named, mayGo, at: (key) => byKey.get(key), claims });
    if (verdict.register) claims.set(keyOf(verdict.register), service);
    return verdict;
  });
}
