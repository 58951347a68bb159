// What holds for the whole fleet: the switch for restarts.
import * as z from 'zod/mini';

export const fleetControlSchema = z.object({
  /** `false`: no automatic restart anywhere; people may still ask for one. */
  restartsOn: z.boolean(),
  changedBy: z.optional(z.string()),
  reason: z.optional(z.string()),
  changedAt: z.optional(z.number()),
});
export type FleetControl = Readonly<z.infer<typeof fleetControlSchema>>;

export const freshFleet: FleetControl = { restartsOn: true };
