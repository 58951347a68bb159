// The verdict of discovery on one ECS service and its tags, given what is registered already. Registrations that
// discovery made have a tag of its own; all others are a person's.
import { changedPaths } from '../model/audit.ts';
import type { Registration } from '../model/service.ts';
import type { Finding } from './drift.ts';
import { readTags, type SeenService, sourceTag, type TagRules } from './ecs-tags.ts';

export type NamedService = Readonly<{ cluster: string; service: string }>;

/** `stale`: a registration that discovery made and that no tag asks for any more. A verdict may be empty. */
export type Verdict = Readonly<{
  stale?: readonly Readonly<{ registration: Registration; finding: Finding }>[];
  findings?: readonly Finding[];
  register?: Registration | undefined;
}>;

/** What is known besides the service itself when it is judged. */
export type Beside = Readonly<{
  /** Registrations that would restart it. */
  named: readonly Registration[];
  at: (key: string) => Registration | undefined;
  /** Services that have been given a new registration in this run, by its key. */
  claims: ReadonlyMap<string, SeenService>;
  /** Whether the finding was made before too, so that its registration may be removed. */
  mayGo: (finding: Finding) => boolean;
}>;

export const nameOf = ({ cluster, service }: NamedService): string => `${cluster}/${service}`;
export const keyOf = ({ tenant, id }: Pick<Registration, 'tenant' | 'id'>): string => `${tenant}/${id}`;

/** The ECS services that a registration would restart, each once. */
export function namesIn({ restart }: Registration): readonly NamedService[] {
  const steps = restart.steps.flatMap((step) => (step.kind === 'ecs' ? [step] : []));
  return [...new Map(steps.map(({ cluster, service }) => [`${cluster}/${service}`, { cluster, service }])).values()];
}

/** Whether discovery made it, and may change it. */
export const isDiscovered = ({ tags }: Registration): boolean =>
  Object.hasOwn(tags, sourceTag.key) && tags[sourceTag.key] === sourceTag.value;

export const findingOf = (
  kind: Finding['kind'],
  { cluster, service }: NamedService,
  message: string,
  registration?: Pick<Registration, 'tenant' | 'id'>,
): Finding => ({
  ...{ kind, cluster, service, message },
  ...(registration && { tenant: registration.tenant, id: registration.id }),
});

export function judgeService(service: SeenService, rules: TagRules, beside: Beside): Verdict {
  const reading = readTags(service, rules);
  switch (reading.kind) {
    case 'undecided':
      return {};
    case 'faulty':
      return {
        findings: reading.faults.map(({ tag, message }) => ({ ...findingOf('faulty_tag', service, message), tag })),
      };
    case 'untagged':
      return judgeUntagged(service, beside);
    case 'wanted':
      return judgeWanted(service, reading.document, beside);
  }
}

function judgeUntagged(service: SeenService, { named }: Beside): Verdict {
  if (named.length === 0 && service.isRunning)
    return { findings: [findingOf('unregistered', service, 'runs, and nobody registered it')] };
  return { stale: staleOf(named.filter(isDiscovered), service, 'the tags that it came from are gone') };
}

const staleOf = (registrations: readonly Registration[], service: SeenService, message: string) =>
  registrations.map((registration) => ({
    registration,
    finding: findingOf('untagged', service, message, registration),
  }));

function judgeWanted(service: SeenService, document: Registration, beside: Beside): Verdict {
  const key = keyOf(document);
  const standing = beside.at(key);
  const conflict = conflictOf(service, document, standing, beside);
  if (conflict) return { findings: [conflict] };

  const others = beside.named.filter((registration) => keyOf(registration) !== key);
  const stale = staleOf(others, service, `its tags ask for ${key} now`);
  // Two registrations of one service would restart it twice: the new one waits until the old one goes.
  const isHeldUp = stale.some(({ finding }) => !beside.mayGo(finding));
  const isNew = !standing && service.isRunning && !isHeldUp;
  const isChanged = standing !== undefined && changedPaths(standing, document).changedCount > 0;
  return { stale, register: isNew || isChanged ? document : undefined };
}

/** Why the tags cannot be followed beside what is there. */
function conflictOf(
  service: SeenService,
  document: Registration,
  standing: Registration | undefined,
  { named, claims }: Beside,
): Finding | undefined {
  const key = keyOf(document);
  const person = named.find((registration) => !isDiscovered(registration));
  if (person) {
    const twin = named.find(isDiscovered);
    const message = twin
      ? `is registered twice: by hand, and as ${keyOf(twin)} from its tags; remove one of them`
      : 'is registered by hand; its tags are not followed';
    return findingOf('conflict', service, message, person);
  }
  if (standing && !isDiscovered(standing))
    return findingOf('conflict', service, `asks for the id ${key}, which was registered by hand`, standing);
  const names = standing ? namesIn(standing) : [];
  if (names.some((name) => nameOf(name) === nameOf(service))) return undefined;
  const holder = names[0] ?? claims.get(key);
  return (
    holder &&
    findingOf('conflict', service, `asks for the id ${key}, which ${nameOf(holder)} has; give it another`, document)
  );
}
