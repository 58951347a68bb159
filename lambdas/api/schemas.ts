// What may be asked: query parameters and bodies. The OpenAPI document is made from these very schemas.
import * as z from 'zod/mini';

import { parsePlace } from '../core/place.ts';
import { idSchema } from '../core/service.ts';
import { healths } from '../core/state.ts';

const tenant = z._default(idSchema, 'default').check(z.describe('the tenant of the service'));
const limit = (most: number, byDefault: number) =>
  z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(most)), byDefault).check(z.describe('at most so many'));
const person = z.string().check(z.trim(), z.minLength(1), z.maxLength(100));
const why = z.string().check(z.trim(), z.minLength(1), z.maxLength(500));

const before = z
  .optional(
    z.string().check(z.refine((text) => parsePlace(text) !== undefined, 'must be a time such as 2026-01-31T12:00:00Z')),
  )
  .check(z.describe('only what is older than this time; or nextBefore of the page before'));

export const tenantQuery = z.strictObject({ tenant });

export const listQuery = z.strictObject({
  tenant: z.optional(idSchema).check(z.describe('only this tenant; all when left out')),
  project: z.optional(z.string().check(z.maxLength(100))),
  tag: z
    .optional(z.string().check(z.maxLength(400), z.regex(/^[^=]+(=.*)?$/, 'must be name or name=value')))
    .check(z.describe('name, or name=value')),
  health: z.optional(z.enum(healths)),
  limit: limit(500, 100),
  cursor: z.optional(z.string().check(z.maxLength(200))).check(z.describe('nextCursor of the page before')),
});

export const eventsQuery = z.strictObject({
  tenant,
  limit: limit(500, 50),
  before,
});
export const fleetAuditQuery = z.strictObject({ limit: limit(500, 50), before });
export const restartsQuery = z.strictObject({ tenant, limit: limit(200, 20) });

export const restartBody = z.strictObject({
  user: person.check(z.describe('who asks')),
  reason: why.check(z.describe('why; kept with the restart')),
  force: z._default(z.boolean(), false).check(z.describe('go past the budget')),
  mode: z._default(z.literal('restart'), 'restart'),
  timeoutSeconds: z
    ._default(z.int().check(z.gte(1), z.lte(300)), 30)
    .check(z.describe('how long to wait for requests under way; nothing is waited for unless draining is set up')),
});
export const cancelBody = z.strictObject({ user: person });
export const fleetBody = z.strictObject({
  restartsOn: z.boolean().check(z.describe('false holds every automatic restart')),
  user: person,
  reason: z.optional(why),
});
