// What may be asked: query parameters and bodies. The OpenAPI document is made from these very schemas.
import * as z from 'zod';

import { idSchema } from '../core/service.ts';
import { healths } from '../core/state.ts';

const tenant = idSchema.default('default').describe('the tenant of the service');
const limit = (most: number, byDefault: number) =>
  z.coerce.number().int().min(1).max(most).default(byDefault).describe('at most so many');
const person = z.string().trim().min(1).max(100);
const why = z.string().trim().min(1).max(500);

export const tenantQuery = z.strictObject({ tenant });

export const listQuery = z.strictObject({
  tenant: idSchema.optional().describe('only this tenant; all when left out'),
  project: z.string().max(100).optional(),
  tag: z
    .string()
    .max(400)
    .regex(/^[^=]+(=.*)?$/, 'must be name or name=value')
    .optional()
    .describe('name, or name=value'),
  health: z.enum(healths).optional(),
  limit: limit(500, 100),
  cursor: z.string().max(200).optional().describe('nextCursor of the page before'),
});

export const eventsQuery = z.strictObject({
  tenant,
  limit: limit(500, 50),
  before: z.iso
    .datetime({ error: 'must be a time such as 2026-01-31T12:00:00Z' })
    .optional()
    .describe('only what is older'),
});
export const restartsQuery = z.strictObject({ tenant, limit: limit(200, 20) });

export const restartBody = z.strictObject({
  user: person.describe('who asks'),
  reason: why.describe('why; kept with the restart'),
  force: z.boolean().default(false).describe('go past the budget'),
  mode: z.literal('restart').default('restart'),
  timeoutSeconds: z
    .int()
    .min(1)
    .max(300)
    .default(30)
    .describe('how long to wait for requests under way; nothing is waited for unless draining is set up'),
});
export const cancelBody = z.strictObject({ user: person });
export const fleetBody = z.strictObject({
  restartsOn: z.boolean().describe('false holds every automatic restart'),
  user: person,
  reason: why.optional(),
});
