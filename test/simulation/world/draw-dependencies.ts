// The drawn dependencies: what registrations say, and what is true. Mostly the two agree; some registrations name a
// service that is not needed or not registered, and some leave out one that is needed. A service depends on earlier
// ones only, so no cycle can form, however often registrations are replaced.
import type { Random } from '../engine/random.ts';
import type { SimService } from './sim-service.ts';

/** As in a registration. */
export type Edge = Readonly<{ service: string; essential: boolean }>;
/** The share of services with dependencies, and the share of those that depend on the first service of all. */
export type Density = Readonly<{ share: number; onFirst: number }>;

/**
 * How far back dependencies reach: otherwise whole fleets would hang together, and there would be nothing but storms.
 */
const LOOK_BACK = 5;

/** In one fleet in four, services do not depend on each other. */
export const drawDensity = (random: Random): Density =>
  random.pick([
    { share: 0, onFirst: 0 },
    { share: 0.3, onFirst: 0 },
    { share: 0.5, onFirst: 0 },
    { share: 0.4, onFirst: 0.4 },
  ]);

/** The dependencies in the registration of one of `services`. */
export function drawEdges(random: Random, { share, onFirst }: Density, earlier: readonly SimService[]): Edge[] {
  if (earlier.length === 0 || !random.chance(share)) return [];
  const near = random.chance(onFirst) ? earlier.slice(0, 1) : earlier.slice(-LOOK_BACK);
  const picked = new Set(Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => random.pick(near).key.id));
  if (random.chance(0.05)) picked.add('nobody');
  return [...picked].map((service) => ({ service, essential: random.chance(0.75) }));
}

/** What it really depends on. */
export function drawNeeds(random: Random, said: readonly Edge[], earlier: readonly SimService[]): SimService[] {
  const named = said.filter(({ essential }) => essential && random.chance(0.9)).map(({ service }) => service);
  const unnamed = random.chance(0.03) ? earlier.slice(-1) : [];
  return [...new Set([...earlier.filter(({ key }) => named.includes(key.id)), ...unnamed])];
}
