// The order in which the dependents of a service are restarted: level by level, none before what it depends on.
import type { Graph } from './dependency-cycle.ts';

/** The most services that one cascade restarts: more than that should be a person's own decision. */
export const MOST_DEPENDENTS = 100;

type Levels = readonly (readonly string[])[];

/**
 * The services of `graph` without `root`, each in the first level at which all of its dependencies come before it.
 * Dependencies outside the graph do not count. Services in a circle, which no registration may make, are left out.
 */
export function restartLevels(root: string, graph: Graph): Levels {
  const levels: string[][] = [];
  let left = [...graph.keys()].filter((id) => id !== root).sort();
  for (;;) {
    const level = left.filter((id) => !graph.get(id)?.some((needed) => left.includes(needed)));
    if (level.length === 0) return levels;
    levels.push(level);
    left = left.filter((id) => !level.includes(id));
  }
}
