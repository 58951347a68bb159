// Who asked for what: one entry for every request that may change something, allowed or refused.
import * as z from 'zod/mini';

import { functionTimeoutSeconds } from '../../contract/limits.ts';
import { pathText } from '../faults.ts';
import { idSchema, type Registration } from './service.ts';

const auditActions = [
  'service.put',
  'service.removed',
  'restart.requested',
  'restart.cancelled',
  'service.paused',
  'service.resumed',
  'incident.acknowledged',
  'fleet.switched',
] as const;
export type AuditAction = (typeof auditActions)[number];

/** Written before anything is changed. It stays if the function was cut off: then nobody knows the outcome. */
export const ASKED = 'asked';
export const ACCEPTED = 'accepted';
/** Shown in the place of `asked` once nobody can complete the entry any more. Never stored. */
const UNKNOWN = 'unknown';

/** No function that writes entries runs longer than that, in ms. */
const LONGEST_MS =
  1000 * Math.max(functionTimeoutSeconds.api, functionTimeoutSeconds.register, functionTimeoutSeconds.discover);

/** The outcome as people are shown it at `now` (epoch ms). */
export const outcomeAt = ({ outcome, at }: Pick<AuditRecord, 'outcome' | 'at'>, now: number): string =>
  outcome === ASKED && now - at > LONGEST_MS ? UNKNOWN : outcome;

/** An entry as it is read. Action and outcome are any text here: a newer version may have written others. */
export const auditRecordSchema = z.object({
  at: z.number(),
  /**
   * Unique among the requests for one service at one moment. Not the correlation id: that one the caller may choose.
   */
  entryId: z.string(),
  action: z.string(),
  /** Neither: the request was for the whole fleet, or named no service that could exist. */
  tenant: z.optional(z.string()),
  id: z.optional(z.string()),
  /** Who the authorizer says was asking; for a stack its ARN, for Lamplighter's own functions their name. */
  caller: z.string(),
  /** Who the request says was asking. */
  user: z.optional(z.string()),
  reason: z.optional(z.string()),
  /** What exactly was asked for, as far as it was said: the switches, the kind of restart, until when. */
  asked: z.optional(z.record(z.string(), z.union([z.boolean(), z.number(), z.string()]))),
  correlationId: z.string(),
  /** `asked`, `accepted`, or the code of the refusal. */
  outcome: z.string(),
  /** Paths of the fields that a registration changed, never their values; `(document)` where there was none before. */
  changed: z.optional(z.array(z.string())),
  /** How many fields changed; more than `changed` lists when there were too many to keep. */
  changedCount: z.optional(z.int()),
});
export type AuditRecord = Readonly<z.infer<typeof auditRecordSchema>>;
export type AuditEntry = AuditRecord & Readonly<{ action: AuditAction }>;
export type AuditChanges = Readonly<{ changed: readonly string[]; changedCount: number }>;

const subjectSchema = z.object({ id: idSchema, tenant: z._default(idSchema, 'default') });

/** The service that a document or a request speaks of; undefined when it names none that could exist. */
export function subjectOf(input: unknown): { tenant: string; id: string } | undefined {
  const { data } = z.safeParse(subjectSchema, input);
  return data && { tenant: data.tenant, id: data.id };
}

const person = z.catch(z.optional(z.string().check(z.trim(), z.minLength(1), z.maxLength(100))), undefined);
const why = z.catch(z.optional(z.string().check(z.trim(), z.minLength(1), z.maxLength(500))), undefined);
const saidSchema = z.object({ user: person, reason: why });

/** Who and why, as far as a body says it in good form, even where the rest of it is wrong. */
export function saidIn(body: unknown): { user?: string | undefined; reason?: string | undefined } {
  return z.safeParse(saidSchema, body).data ?? {};
}

const flag = z.catch(z.optional(z.boolean()), undefined);
const short = z.catch(z.optional(z.string().check(z.maxLength(40))), undefined);
const asks: Partial<Record<AuditAction, z.ZodMiniType<Record<string, boolean | number | string | undefined>>>> = {
  'restart.requested': z.object({
    ...{ mode: short, force: flag, cascade: flag },
    timeoutSeconds: z.catch(z.optional(z.number()), undefined),
  }),
  'service.paused': z.object({ until: short }),
  'incident.acknowledged': z.object({ until: short }),
  'fleet.switched': z.object({ restartsOn: flag, stormGuard: flag }),
};

/** What the body of such a request asks for, as far as it says so in good form; undefined where it says nothing. */
export function askedIn(action: AuditAction, body: unknown): AuditRecord['asked'] {
  const said = Object.entries(asks[action]?.safeParse(body).data ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

const MOST_PATHS = 50;
const LONGEST_PATH = 200;

/** Where two registrations differ, in the order of their fields. A part that came or went whole is named once. */
export function changedPaths(before: Registration | undefined, after: Registration): AuditChanges {
  const paths = differences(before, after, []).map(pathText);
  return { changed: paths.slice(0, MOST_PATHS).map((path) => path.slice(0, LONGEST_PATH)), changedCount: paths.length };
}

type Path = readonly (string | number)[];

function differences(before: unknown, after: unknown, path: Path): readonly Path[] {
  if (before === after) return [];
  if (Array.isArray(before) && Array.isArray(after))
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index).flatMap((index) =>
      differences(before[index], after[index], [...path, index]),
    );
  if (!isRecord(before) || !isRecord(after)) return [path];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => differences(before[name], after[name], [...path, name]));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
