// The environment, decoded once and by name: what is missing or wrong fails the first invocation with all its names.
import * as z from 'zod/mini';

import { alertFormats } from '../contract/alert-formats.ts';
import type { EnvName } from '../contract/env.ts';
import { BUS_ARN, BUS_NAME } from '../contract/event-bus.ts';
import { networks } from '../contract/networks.ts';
import { quietHoursSchema } from '../core/alerts/quiet-hours.ts';

const list = z.pipe(
  z.string(),
  z.transform((text) => text.split(',').filter((part) => part !== '')),
);
const published = z.pipe(
  z.string().check(z.regex(/^[A-Za-z0-9_.-]{3,128}=[0-9a-f]{64}$/)),
  z.transform((text) => ({ name: text.slice(0, -65), hash: text.slice(-64) })),
);
const levels = ['info', 'warning', 'error', 'critical'] as const;
const wholeNumber = z.coerce.number().check(z.int());

const schemas = {
  LAMPLIGHTER_TABLE: z.string().check(z.minLength(1)),
  LAMPLIGHTER_SHARDS: wholeNumber.check(z.gte(1), z.lte(100)),
  LAMPLIGHTER_PROBE_QUEUE_URL: z.url(),
  /** The queue of the other prober, as seen from this one; empty where there is one prober only. */
  LAMPLIGHTER_OTHER_PROBE_QUEUE_URL: z.union([z.literal(''), z.url()]),
  /** The queue of the prober for ECS; empty if there is none, and for that prober itself. */
  LAMPLIGHTER_ECS_PROBE_QUEUE_URL: z.union([z.literal(''), z.url()]),
  /**
   * For a prober: whether it may ask ECS for the state of services. For functions that register: whether any prober
   * may.
   */
  LAMPLIGHTER_ECS_STATE: z.pipe(
    z.enum(['yes', 'no']),
    z.transform((answer) => answer === 'yes'),
  ),
  LAMPLIGHTER_RESTART_QUEUE_URL: z.url(),
  LAMPLIGHTER_DELIVER_QUEUE_URL: z.url(),
  LAMPLIGHTER_ALERT_QUEUE_URL: z.url(),
  /** Where people reach the API, without a slash at its end: what alerts link to. Empty where that is not known. */
  LAMPLIGHTER_API_URL: z.union([z.literal(''), z.url().check(z.regex(/[^/]$/))]),
  LAMPLIGHTER_TOPIC_ARN: z.string().check(z.startsWith('arn:')),
  /** Name or ARN of the bus that gets alerts and state changes; empty if there is none. */
  LAMPLIGHTER_EVENT_BUS: z.union([
    z.literal(''),
    z.string().check(z.regex(BUS_NAME)),
    z.string().check(z.regex(BUS_ARN)),
  ]),
  /** The network of this prober. */
  LAMPLIGHTER_NETWORK: z.enum(networks),
  /** The networks with a prober, separated by commas. */
  LAMPLIGHTER_NETWORKS: z.pipe(list, z.array(z.enum(networks)).check(z.minLength(1))),
  /** CIDR ranges, separated by commas, that may be probed although they are private. */
  LAMPLIGHTER_ALLOWED_RANGES: list,
  /** SSM documents that a restart may name, with the hash of what was published: `name=hash`, separated by commas. */
  LAMPLIGHTER_DOCUMENTS: z.pipe(list, z.array(published)),
  LAMPLIGHTER_MAX_IN_FLIGHT: wholeNumber.check(z.gte(1), z.lte(500)),
  /** JSON: what counts as a storm, and for how long it holds restarts after it was last seen. */
  LAMPLIGHTER_STORM: z.pipe(
    z.pipe(z.string(), z.transform(parseJson)),
    z.pipe(
      z.object({
        share: z.number().check(z.gt(0), z.lte(1)),
        least: z.int().check(z.gte(2)),
        cooldownSeconds: z.int().check(z.gte(1)),
      }),
      z.transform(({ cooldownSeconds, ...rules }) => ({ ...rules, cooldownMs: cooldownSeconds * 1000 })),
    ),
  ),
  /** How long alerts of a project are collected after the first; 0: not at all. */
  LAMPLIGHTER_GROUP_SECONDS: wholeNumber.check(z.gte(0), z.lte(900)),
  /** JSON: when it is quiet, and what waits then; empty: never. */
  LAMPLIGHTER_QUIET_HOURS: z.union([
    z.pipe(
      z.literal(''),
      z.transform(() => undefined),
    ),
    z.pipe(z.pipe(z.string(), z.transform(parseJson)), quietHoursSchema),
  ]),
  /** Restarts under way in the fleet at once. */
  LAMPLIGHTER_MAX_RESTARTS: wholeNumber.check(z.gte(1), z.lte(1_000)),
  LAMPLIGHTER_RETENTION_DAYS: wholeNumber.check(z.gte(1), z.lte(3_650)),
  LAMPLIGHTER_ROLLUP_RETENTION_DAYS: wholeNumber.check(z.gte(1), z.lte(3_650)),
  LAMPLIGHTER_AUDIT_RETENTION_DAYS: wholeNumber.check(z.gte(1), z.lte(3_650)),
  LAMPLIGHTER_MIN_INTERVAL_SECONDS: wholeNumber.check(z.gte(1), z.lte(60)),
  /** The name of a secret in Secrets Manager. */
  LAMPLIGHTER_PEOPLE_SECRET: z.string().check(z.minLength(1)),
  /** ECS clusters, separated by commas, whose services register themselves; empty where none do. */
  LAMPLIGHTER_DISCOVERY_CLUSTERS: list,
  /** JSON: the tag that opts a service into restarts. */
  LAMPLIGHTER_RESTART_TAG: z.pipe(
    z.pipe(z.string(), z.transform(parseJson)),
    z.object({ key: z.string(), value: z.string() }),
  ),
  /** JSON: text messages that may be sent in a month, and which alerts each number gets. */
  LAMPLIGHTER_SMS: z.pipe(
    z.pipe(z.string(), z.transform(parseJson)),
    z.object({
      monthlyLimit: z.int().check(z.gte(0)),
      numbers: z.array(
        z.object({
          levels: z.optional(z.array(z.enum(levels))),
          projects: z.optional(z.array(z.string())),
          tags: z.optional(z.array(z.string())),
          kinds: z.optional(z.array(z.string())),
        }),
      ),
    }),
  ),
  /** JSON: the one receiver that a function delivers to. Its address is in the secret that is named. */
  LAMPLIGHTER_RECEIVER: z.pipe(
    z.pipe(z.string(), z.transform(parseJson)),
    z.object({
      name: z.string().check(z.minLength(1)),
      format: z.enum(alertFormats),
      secret: z.string().check(z.minLength(2)),
      isLocal: z.optional(z.boolean()),
    }),
  ),
  /** JSON, written when the stack is built. */
  LAMPLIGHTER_BUILD: z.pipe(
    z.pipe(z.string(), z.transform(parseJson)),
    z.object({ version: z.string(), commit: z.string(), builtAt: z.string() }),
  ),
} satisfies Record<EnvName, z.core.$ZodType>;

/** Text that is not JSON is left to the schema behind this, which names the variable and not its value. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Env<N extends EnvName> = { [K in N]: z.infer<(typeof schemas)[K]> };

/** Reads exactly these variables; throws an error that names every one that is missing or wrong, never its value. */
export function readEnv<N extends EnvName>(
  names: readonly N[],
  env: Readonly<Record<string, string | undefined>>,
): Env<N> {
  const shape = Object.fromEntries(names.map((name) => [name, schemas[name]]));
  const decoded = z.object(shape).safeParse(env);
  if (!decoded.success) {
    const wrong = [...new Set(decoded.error.issues.map(({ path }) => path.join('.')))];
    throw new Error(`the environment is wrong or incomplete: ${wrong.join(', ')}`);
  }
  return pick(names, decoded.data);
}

/** Narrows a decoded record to the names that were asked for. */
function pick<N extends EnvName>(names: readonly N[], data: Record<string, unknown>): Env<N> {
  if (!hasAll(names, data)) throw new TypeError('a decoded variable is missing');
  return data;
}
const hasAll = <N extends EnvName>(names: readonly N[], data: Record<string, unknown>): data is Env<N> =>
  names.every((name) => name in data);

export const DAY_MS = 86_400_000;
