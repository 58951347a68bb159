// Query parameters and bodies. The OpenAPI document is made from these same schemas.
import * as z from 'zod/mini';

import { healths, restartKinds } from '../core/model/conditions.ts';
import { restartModes } from '../core/model/restart-spec.ts';
import { idSchema } from '../core/model/service.ts';
import { parsePlace } from '../core/values/place.ts';

export const tenant = z._default(idSchema, 'default').check(z.describe('the tenant of the service'));
export const limit = (most: number, byDefault: number) =>
  z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(most)), byDefault).check(z.describe('at most so many'));
const person = z.string().check(z.trim(), z.minLength(1), z.maxLength(100));
const why = z.string().check(z.trim(), z.minLength(1), z.maxLength(500));

export const isTime = (text: string) => z.safeParse(z.iso.datetime({ offset: true }), text).success;

export const before = z
  .optional(
    z.string().check(z.refine((text) => parsePlace(text) !== undefined, 'must be a time such as 2026-01-31T12:00:00Z')),
  )
  .check(z.describe('only what is older than this time; or nextBefore of the page before'));

export const tenantQuery = z.strictObject({ tenant });

/** Filters on the whole fleet. */
export const ofFleet = {
  tenant: z.optional(idSchema).check(z.describe('only this tenant; all when left out')),
  project: z.optional(z.string().check(z.maxLength(100))),
};
/** Tenant and id of the last service of the page before; before the first page there is none. */
const CURSOR = /^([a-z0-9][a-z0-9-]{0,62}\/[a-z0-9][a-z0-9-]{0,62})?$/;
export const listQuery = z.strictObject({
  ...ofFleet,
  tag: z
    .optional(z.string().check(z.maxLength(400), z.regex(/^[^=]+(=.*)?$/, 'must be name or name=value')))
    .check(z.describe('name, or name=value')),
  health: z.optional(z.enum(healths)),
  limit: limit(500, 100),
  cursor: z
    .optional(z.string().check(z.regex(CURSOR, 'must be nextCursor of the page before')))
    .check(z.describe('nextCursor of the page before')),
});

export const auditQuery = z.strictObject({ tenant, limit: limit(500, 50), before });
export const fleetAuditQuery = z.strictObject({ limit: limit(500, 50), before });
export const restartsQuery = z.strictObject({ tenant, limit: limit(200, 20) });

const among = (least: number, most: number) => z.optional(z.coerce.number().check(z.int(), z.gte(least), z.lte(most)));
const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** A period that ends now, decoded to ms: a number and one of these units, and at most `mostDays` days. */
const windowText = (units: readonly (keyof typeof unitMs)[], mostDays: number, example: string) => {
  const millisecondsOf = (text: string): number | undefined => {
    const [, digits, letter] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
    const unit = units.find((one) => one === letter);
    const ms = unit === undefined ? Infinity : Number(digits) * unitMs[unit];
    return ms <= mostDays * unitMs.d ? ms : undefined;
  };
  return z.pipe(
    z
      .string()
      .check(
        z.refine(
          (text) => millisecondsOf(text) !== undefined,
          `must be a time such as ${example}, at most ${mostDays}d`,
        ),
      ),
    z.transform((text: string) => millisecondsOf(text) ?? 0),
  );
};
/** Settings that are left out keep their registered values. */
export const whatIfQuery = z.strictObject({
  tenant,
  window: z
    .prefault(windowText(['m', 'h', 'd'], 30, '12h or 7d'), '7d')
    .check(z.describe('how far back: 12h, 7d; at most 30d')),
  failureThreshold: among(1, 20),
  successThreshold: among(1, 20),
  windowFailures: among(1, 64).check(z.describe('unhealthy also after so many downs')),
  windowOf: among(1, 64).check(z.describe('among so many beats')),
  intervalSeconds: among(1, 3_600).check(z.describe('at least the present interval')),
  mode: z.optional(z.enum(restartModes)),
});

const statsWindow = z
  .prefault(windowText(['h', 'd'], 400, '24h or 30d'), '30d')
  .check(z.describe('how far back, in whole hours or days: 1h to 400d'));
export const statsQuery = z.strictObject({ tenant, window: statsWindow });
export const fleetStatsQuery = z.strictObject({ window: statsWindow });

export const restartBody = z.strictObject({
  user: person.check(z.describe('who asks')),
  reason: why.check(z.describe('why; kept with the restart')),
  force: z._default(z.boolean(), false).check(z.describe('go past the budget, and wait for no requests')),
  cascade: z
    ._default(z.boolean(), false)
    .check(z.describe('once it is verified, restart what depends on it too, level by level')),
  mode: z._default(z.enum(restartKinds), 'restart').check(z.describe('reload: the lighter form, by restart.reload')),
  timeoutSeconds: z
    .optional(z.int().check(z.gte(1), z.lte(300)))
    .check(
      z.describe(
        'how long to wait for requests under way, where restart.drain is set; without it as long as that says',
      ),
    ),
});
export const applyBody = z.strictObject({
  user: person.check(z.describe('who asks')),
  reason: z.optional(why),
  failureThreshold: z
    .optional(z.int().check(z.gte(1), z.lte(20)))
    .check(z.describe('the one that was seen: refused when another is suggested by now')),
});
export const cancelBody = z.strictObject({
  user: person.check(z.describe('who takes it back')),
  reason: z.optional(why).check(z.describe('why; kept with the restart')),
});
export const pauseBody = z.strictObject({
  user: person.check(z.describe('who pauses it')),
  reason: why.check(z.describe('why; kept with the pause')),
  until: z
    .optional(z.string().check(z.refine((text) => isTime(text), 'must be a time such as 2026-01-31T12:00:00Z')))
    .check(z.describe('when it ends by itself, in the future; without it when it is resumed')),
});
export const acknowledgeBody = z.strictObject({
  user: person.check(z.describe('who takes it')),
  reason: z.optional(why).check(z.describe('why; kept with the incident')),
  until: z
    .optional(z.string().check(z.refine((text) => isTime(text), 'must be a time such as 2026-01-31T12:00:00Z')))
    .check(z.describe('when reminders begin again, in the future; without it never')),
});
export const resumeBody = z.strictObject({ user: person, reason: z.optional(why) });
export const fleetBody = z.strictObject({
  restartsOn: z.boolean().check(z.describe('false holds every automatic restart')),
  stormGuard: z
    .optional(z.boolean())
    .check(z.describe('false lets restarts happen in a storm; left as it is when left out')),
  user: person,
  reason: z.optional(why),
});
