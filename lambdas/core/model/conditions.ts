// The words for how a service is, and for how far its restart has come.
import * as z from 'zod/mini';

export const healths = ['pending', 'healthy', 'degraded', 'unhealthy'] as const;
export type Health = (typeof healths)[number];

export const phases = [
  'idle',
  'preparing',
  'waiting_requests',
  'restarting',
  'verifying',
  'recovering',
  'completed',
  'failed',
  'cancelled',
] as const;
export type Phase = (typeof phases)[number];

export const restartKinds = ['restart', 'reload'] as const;
export const restartTriggers = ['automatic', 'manual'] as const;

/** What a state change came to: health before and after, and the restart that it is about. */
export const changeSchema = z.object({
  from: z.enum(healths),
  to: z.enum(healths),
  /** The incident that is open, or was until now. */
  incidentId: z.optional(z.string()),
  /** The restart that is under way, or has just ended. */
  restart: z.optional(
    z.object({
      id: z.string(),
      status: z.enum(phases),
      mode: z.enum(restartKinds),
      trigger: z.enum(restartTriggers),
    }),
  ),
});
export type Change = Readonly<z.infer<typeof changeSchema>>;
