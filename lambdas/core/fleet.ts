// What holds for the whole fleet: the switch for restarts.
import * as z from 'zod';

export const fleetControlSchema = z.object({
  /** `false`: no automatic restart anywhere; people may still ask for one. */
  restartsOn: z.boolean(),
  changedBy: z.string().optional(),
  reason: z.string().optional(),
  changedAt: z.number().optional(),
});
export type FleetControl = Readonly<z.infer<typeof fleetControlSchema>>;

export const freshFleet: FleetControl = { restartsOn: true };
