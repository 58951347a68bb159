// What applies to the whole fleet: the switches for restarts and storm guard, and what surrounds a decision.
import * as z from 'zod/mini';

export const fleetControlSchema = z.object({
  /** `false`: no automatic restart anywhere; people may still ask for one. */
  restartsOn: z.boolean(),
  /** `false`: a person has switched the storm guard off, so storms hold no restart. */
  stormGuard: z.optional(z.boolean()),
  changedBy: z.optional(z.string()),
  reason: z.optional(z.string()),
  changedAt: z.optional(z.number()),
});
export type FleetControl = Readonly<z.infer<typeof fleetControlSchema>>;

export const freshFleet: FleetControl = { restartsOn: true };

/** What a decision about one service must know about the others. */
export type Surroundings = FleetControl &
  Readonly<{
    /** Why restarts are held back everywhere or in its part of the fleet: too much of it fails together. */
    storm?: string | undefined;
    /** What it depends on, as it was seen just now. */
    dependencies?: readonly DependencySeen[];
  }>;

export type DependencySeen = Readonly<{ service: string; essential: boolean; isDown: boolean }>;

/**
 * The essential dependency that is down, if one is: the service cannot work, and restarting it would change nothing.
 */
export const failedDependency = ({ dependencies = [] }: Surroundings): DependencySeen | undefined =>
  dependencies.find(({ essential, isDown }) => essential && isDown);
