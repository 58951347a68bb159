// What restarts services behind the Restarter port. Each kind of step has a backend in a file of its own.
import type { RestartStep } from '../../../../lambdas/core/model/restart-spec.ts';
import type { Inspection, Progress, RestartOrder } from '../../../../lambdas/ports/restarter.ts';
import type { SimService } from '../sim-service.ts';
import type { World } from '../world.ts';

/** One service's place in ECS, or one group of hosts under SSM. */
export interface Backend {
  inspect(step: RestartStep, priorHandle: string | undefined): Inspection;
  find(step: RestartStep, order: RestartOrder): string | undefined;
  /** Returns the handle of the order. */
  send(step: RestartStep, order: RestartOrder): string;
  look(step: RestartStep, order: RestartOrder & { handle: string }): Progress;
  /** People have repaired what was wrong with the place itself. */
  isMended(): void;
}

/** How an order ends, and how long that takes. */
export type Course = Readonly<{ end: 'comes_up' | 'fails' | 'hangs'; takesMs: number }>;

export type Place = Readonly<{ world: World; service: SimService; name: string }>;

/** Most orders work; how many do not is drawn for each run. */
export function drawCourse({ world }: Place, { timeoutSeconds }: RestartStep): Course {
  const { fate, luck } = world;
  if (fate.chance(luck.hanging)) return { end: 'hangs', takesMs: Infinity };
  const end = fate.chance(luck.failing) ? 'fails' : 'comes_up';
  return { end, takesMs: Math.round(fate.between(0.02, 0.6) * timeoutSeconds * 1000) };
}
