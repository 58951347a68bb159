// The document of a state change for the event bus: version 1. The published schema (docs/schema/state-change.v1.json)
// is generated from this one. Fields may be added; none changes its meaning.
import * as z from 'zod/mini';

import { serviceSchema } from '../alerts/document.ts';
import { changeSchema } from '../model/conditions.ts';
import { alertLevels } from '../model/service.ts';
import { recordKinds } from '../model/timeline.ts';

const { from, to, restart } = changeSchema.shape;

export const stateChangeSchema = z.object({
  version: z.literal(1),
  /** What receivers drop duplicates by. */
  deduplicationKey: z.string(),
  at: z.iso.datetime(),
  service: serviceSchema,
  /** Health before and after; the same if only the phase of its restart has changed. */
  from,
  to,
  /** The incident that is open, or was until now. */
  incidentId: z.nullable(z.string()),
  /** The restart that is under way, or has just ended. */
  restart: z.nullable(restart.def.innerType),
  /** The line of the timeline that tells of it. */
  kind: z.enum(recordKinds),
  level: z.enum(alertLevels),
  message: z.string(),
});
export type StateChangeDocument = Readonly<z.infer<typeof stateChangeSchema>>;
