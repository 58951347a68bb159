// What an invocation could know of a service's dependencies, from what it has read and probed itself. The observer's
// own judgement: a dependency that is being restarted is not up yet, one that was probed is as the probe saw it, and
// all others are as they are stored.
import type { State } from '../../../lambdas/core/model/state.ts';
import type { World } from '../world/world.ts';
import { type Commit, running } from './invariant.ts';

/** `unsure`: it was read more than once with different results, or not at all. */
type Known = 'down' | 'up' | 'unsure';
export type KnownEdge = Readonly<{ service: string; essential: boolean; known: Known; isAsked: boolean }>;

/**
 * Whether the invocation may have used the registration before this one, also because its read lagged behind: then it
 * knows the dependencies of the earlier one, and the next probe does not.
 */
export const isAnew = ({ service, invocation }: Commit, { chaos }: World): boolean =>
  service.registeredAt >= invocation.startedAt - chaos.weather.staleMs;

/** All dependencies that its registration names. */
export function knownDependencies({ spec, service, invocation }: Commit, { table }: World): readonly KnownEdge[] {
  const { reads, unread, seen } = invocation.memory;
  const isFresh = service.registeredAt >= invocation.startedAt;
  return spec.dependsOn.map((edge) => {
    const item = table.itemOf({ tenant: spec.tenant, id: edge.service });
    const states = reads.get(`${spec.tenant}#${edge.service}`) ?? [];
    const verdict = item && seen.get(item.service)?.verdict;
    const downs = states.filter((state) => state !== undefined && isDown(state, verdict)).length;
    const isAsked = states.length > 0 || unread.has(`${spec.tenant}#${edge.service}`) || isFresh;
    if (states.length === 0) return { ...edge, isAsked, known: 'unsure' };
    return { ...edge, isAsked, known: downs === 0 ? 'up' : downs === states.length ? 'down' : 'unsure' };
  });
}

function isDown(state: State, verdict: string | undefined): boolean {
  if (running(state)) return true;
  return verdict === undefined || verdict === 'unknown' ? state.health === 'unhealthy' : verdict === 'down';
}

/** The first essential dependency that must have been known to be down. */
export const downKnown = (edges: readonly KnownEdge[]): KnownEdge | undefined =>
  edges.find(({ essential, known }) => essential && known === 'down');
