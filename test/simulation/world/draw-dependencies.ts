// Who stands on whom, drawn: what registrations say, and what is true. Mostly they agree; some name what they do not need,
// or somebody who is not registered, and some leave out what they need. A service stands on earlier ones alone, so no
// circle can close, however often registrations are replaced.
import type { Random } from '../engine/random.ts';
import type { SimService } from './sim-service.ts';

/** As a registration says it. */
export type Edge = Readonly<{ service: string; essential: boolean }>;
/** How many of the services stand on others, and how many of those on the first of them all. */
export type Density = Readonly<{ share: number; onFirst: number }>;

/** So far back lie those that it may stand on: whole fleets that hang together would be nothing but storms. */
const LOOK_BACK = 5;

/** One fleet in four is of services that know nothing of each other. */
export const drawDensity = (random: Random): Density =>
  random.pick([
    { share: 0, onFirst: 0 },
    { share: 0.3, onFirst: 0 },
    { share: 0.5, onFirst: 0 },
    { share: 0.4, onFirst: 0.4 },
  ]);

/** What the registration of one of `services` says that it stands on. */
export function drawEdges(random: Random, { share, onFirst }: Density, earlier: readonly SimService[]): Edge[] {
  if (earlier.length === 0 || !random.chance(share)) return [];
  const near = random.chance(onFirst) ? earlier.slice(0, 1) : earlier.slice(-LOOK_BACK);
  const picked = new Set(Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => random.pick(near).key.id));
  if (random.chance(0.05)) picked.add('nobody');
  return [...picked].map((service) => ({ service, essential: random.chance(0.75) }));
}

/** What it really stands on. */
export function drawNeeds(random: Random, said: readonly Edge[], earlier: readonly SimService[]): SimService[] {
  const named = said.filter(({ essential }) => essential && random.chance(0.9)).map(({ service }) => service);
  const unnamed = random.chance(0.03) ? earlier.slice(-1) : [];
  return [...new Set([...earlier.filter(({ key }) => named.includes(key.id)), ...unnamed])];
}
