// The groups of a run's services besides the fleet: projects, and tags that some of them share. Drawn from a stream of
// its own.
import type { Random } from '../engine/random.ts';

export type Groups = Readonly<{
  /** The part of the registration that says so. */
  document: Readonly<{ project?: string; tags?: Readonly<Record<string, string>> }>;
  /** The names that people read in alerts, the fleet first. */
  names: readonly string[];
}>;

/** One for each service. Some fleets have no projects, some no tags, and in all of them some services have neither. */
export function drawGroups(random: Random, services: number): readonly Groups[] {
  const [projects, hosts, teams] = [random.int(0, 4), random.int(0, 5), random.int(0, 3)];
  const of = (kind: string, many: number) => (random.chance(0.85) ? `${kind}-${random.int(1, many)}` : undefined);
  return Array.from({ length: services }, () => {
    const [project, host, team] = [of('p', projects), of('h', hosts), of('t', teams)];
    const named = Object.entries({ host: hosts > 0 && host, team: teams > 0 && team });
    const tags = named.filter((tag): tag is [string, string] => typeof tag[1] === 'string');
    const isInProject = projects > 0 && project !== undefined;
    return {
      document: { ...(isInProject && { project }), tags: Object.fromEntries(tags) },
      names: ['fleet', ...(isInProject ? [`project ${project}`] : []), ...tags.map(([tag, is]) => `tag ${tag}=${is}`)],
    };
  });
}
