// What the API shows of a service's relations: what it depends on and what depends on it, with their healths.
import type { Service } from '../model/service.ts';
import type { State } from '../model/state.ts';

type Known = Readonly<{ service: Service; state: State }>;

/** `unknown`: not registered (yet). */
const healthOf = (known: Known | undefined) => known?.state.health ?? 'unknown';

/** `dependencies` are found in the order of `dependsOn`. */
export function relationsView(
  { id, dependsOn }: Service,
  dependencies: readonly (Known | undefined)[],
  dependents: readonly Known[],
) {
  return {
    dependencies: dependsOn.map((edge, index) => ({ ...edge, health: healthOf(dependencies[index]) })),
    dependents: dependents.map((known) => ({
      service: known.service.id,
      essential: known.service.dependsOn.some((edge) => edge.service === id && edge.essential),
      health: healthOf(known),
    })),
  };
}

/** The restart of what depends on it, while that is under way; null else. */
export const cascadeView = ({ cascade }: Pick<State, 'cascade'>) =>
  cascade
    ? {
        restartId: cascade.restartId,
        user: cascade.by,
        levels: cascade.levels ?? null,
        level: cascade.levels ? cascade.level + 1 : null,
      }
    : null;
