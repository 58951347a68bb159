// What keeps alerts few: how often is too often, why an alert was held back, and who has acknowledged an incident.
import * as z from 'zod/mini';

export const heldReasons = [
  'off', // the service's alerts are switched off
  'level', // below the level that people want
  'repeated', // told already in this incident
  'paused',
  'folded', // what it depends on is down, and that is told
  'storm',
  'flapping',
  'acknowledged',
] as const;
export type HeldReason = (typeof heldReasons)[number];

const count = z.int().check(z.gte(0));
/** How many alerts were held back, by reason; a missing reason is zero. */
export const heldBackSchema = z.partialRecord(z.enum(heldReasons), count);
export type HeldBack = Readonly<z.infer<typeof heldBackSchema>>;

export const acknowledgementSchema = z.object({
  by: z.string(),
  reason: z.optional(z.string()),
  at: z.number(),
  /** Epoch ms; without it, until the incident ends. */
  until: z.optional(z.number()),
});

/** An episode of flapping that people were told about; receivers drop duplicates by its `id`. */
export const flappingSchema = z.object({
  id: z.string(),
  since: z.number(),
  /** Kinds of errors that people were told about during the episode, so that they know these too. */
  toldErrors: z.optional(z.array(z.string())),
});
export type Flapping = Readonly<z.infer<typeof flappingSchema>>;

/** The most incidents in a window that a registration may ask for; no more are remembered. */
const MOST_INCIDENTS = 50;
/** Times of the last incidents, newest last. */
export const openingsSchema = z.array(z.number());

/** The settings in a registration; 0 is never. */
export const noiseSettings = {
  /** This many incidents that begin within the window are told once, as flapping. */
  flapping: z.prefault(
    z.strictObject({
      incidents: z._default(
        z.int().check(
          z.gte(0),
          z.lte(MOST_INCIDENTS),
          z.refine((incidents) => incidents !== 1, 'must be 0 or at least 2: one incident is no flapping'),
        ),
        4,
      ),
      windowMinutes: z._default(z.int().check(z.gte(1), z.lte(1_440)), 60),
    }),
    {},
  ),
  /** When the first reminder of an open incident is due; the wait doubles with each one. */
  remindAfterMinutes: z.optional(z.int().check(z.gte(0), z.lte(1_440))),
  /** When an outage that nobody has acknowledged is told as critical. */
  escalateAfterMinutes: z._default(z.int().check(z.gte(0), z.lte(1_440)), 0),
};
export type NoiseSettings = Readonly<{
  flapping: Readonly<{ incidents: number; windowMinutes: number }>;
  remindAfterMinutes: number;
  escalateAfterMinutes: number;
}>;
