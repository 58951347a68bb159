// What the observer knows of one run's cascades: who began each, its order, which services it skipped, and when it was
// over.
import type { SimService } from '../world/sim-service.ts';
import type { World } from '../world/world.ts';
import type { Order } from './watched.ts';

export type CascadeSeen = {
  readonly root: SimService;
  readonly restartId: string;
  levels: readonly (readonly string[])[];
  readonly passed: Set<string>;
  /** Epoch ms of the world. */
  endedAt?: number;
};

const seenIn = new WeakMap<World, Map<string, CascadeSeen>>();

/** By the restart that each cascade follows. */
export function cascadesOf(world: World): Map<string, CascadeSeen> {
  const known = seenIn.get(world) ?? new Map<string, CascadeSeen>();
  seenIn.set(world, known);
  return known;
}

/** The service of that name in the tenant of the root. */
const memberOf = ({ root }: CascadeSeen, id: string, { services }: World): SimService | undefined =>
  services.find(({ key }) => key.tenant === root.key.tenant && key.id === id);

/** Whether one of its services has had its turn: verified, skipped, or restarted by others since. */
export function hadItsTurn(cascade: CascadeSeen, id: string, world: World): boolean {
  if (cascade.passed.has(id)) return true;
  const member = memberOf(cascade, id, world);
  const orders: readonly Order[] = member ? world.observer.of(member).orders : [];
  const index = orders.findIndex(({ cascadeOf }) => cascadeOf === cascade.restartId);
  const order = orders[index];
  if (order?.endedAt === undefined) return false;
  return order.endedAs === 'completed' || index < orders.length - 1;
}
