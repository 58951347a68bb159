// Dependencies may not run in a circle: each would wait for the other, and none would ever be restarted.

/** What each service depends on, by id; services that are not there yet depend on nothing. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** The circle that `start` would close, from itself back to itself; `undefined` when there is none. */
export function cycleFrom(start: string, graph: Graph): readonly string[] | undefined {
  const seen = new Set<string>();
  const ways: { at: string; path: readonly string[] }[] = [{ at: start, path: [start] }];
  for (let way = ways.pop(); way; way = ways.pop())
    for (const next of graph.get(way.at) ?? []) {
      if (next === start) return [...way.path, next];
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push({ at: next, path: [...way.path, next] });
    }
  return undefined;
}
