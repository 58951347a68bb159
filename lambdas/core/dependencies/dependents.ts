// In which order the dependents of a service are restarted: level by level, none before what it stands on.
import type { Graph } from './dependency-cycle.ts';

/** More services than this are not restarted after one: somebody should do that with their eyes open. */
export const MOST_DEPENDENTS = 100;

type Levels = readonly (readonly string[])[];

/**
 * The services of `graph` but `root`, each in the first level in which all that it depends on stands before it. What
 * lies outside the graph is not waited for. Services in a circle, which no registration may make, are left out.
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
