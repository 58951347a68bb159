// How a service may be restarted. A step names an allow-listed document with typed parameters, never a command: a
// stolen API credential is not a shell.
import * as z from 'zod/mini';

import { causes } from './observation.ts';
import { headers, jsonPath, url } from './probe-spec.ts';

/** The documents that a fresh deployment allows; their scripts lie in lib/documents. */
export const STANDARD_DOCUMENTS: readonly string[] = [
  'Lamplighter-RestartLinux',
  'Lamplighter-RestartWindows',
  'Lamplighter-ConfigurationLinux',
];

const timeoutSeconds = (byDefault: number) => z._default(z.int().check(z.gte(5), z.lte(3_600)), byDefault);
const awsName = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,255}$/, 'must be an ECS name: letters, digits, - and _'));

/** The causes that a step can heal; it is skipped when the probe saw another one. */
const when = z.optional(
  z.strictObject({
    causes: z.array(z.enum(causes)).check(z.minLength(1), z.maxLength(causes.length)),
  }),
);
/** A step's own verification, where it needs more time than the policy gives. */
const verification = {
  when,
  warmUpSeconds: z.optional(z.int().check(z.gte(0), z.lte(900))),
  verifyTimeoutSeconds: z.optional(z.int().check(z.gte(1), z.lte(3_600))),
};

const ecsActions = ['redeploy', 'stop-tasks', 'rollback'] as const;

const ecsStepSchema = z.strictObject({
  kind: z.literal('ecs'),
  /** `stop-tasks` stops the tasks that ECS itself calls unhealthy; `rollback` deploys the previous task definition. */
  action: z._default(z.enum(ecsActions), 'redeploy'),
  cluster: awsName,
  service: awsName,
  /** How long the deployment may take. ECS itself never gives up without a circuit breaker. */
  timeoutSeconds: timeoutSeconds(900),
  ...verification,
});

const ssmStepSchema = z.strictObject({
  kind: z.literal('ssm'),
  document: z.string().check(z.regex(/^[A-Za-z0-9_.-]{3,128}$/, 'must be the name of an SSM document')),
  instanceIds: z
    .array(z.string().check(z.regex(/^(i|mi)-[0-9a-f]{1,17}$/, 'must be an instance id such as i-0abc')))
    .check(z.minLength(1), z.maxLength(50)),
  /** Values for the document's parameters; those of the standard documents are checked at registration. */
  parameters: z._default(
    z.record(
      z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/, 'must be letters and digits, beginning with a letter')),
      z.string().check(z.maxLength(500)),
    ),
    {},
  ),
  /** How long the script may run on the host. */
  timeoutSeconds: timeoutSeconds(120),
  ...verification,
});

export const restartStepSchema = z.discriminatedUnion('kind', [ecsStepSchema, ssmStepSchema]);
export type RestartStep = Readonly<z.infer<typeof restartStepSchema>>;
export type EcsStep = Readonly<z.infer<typeof ecsStepSchema>>;
export type SsmStep = Readonly<z.infer<typeof ssmStepSchema>>;

export const restartModes = ['off', 'observe', 'on'] as const;
const imageRules = ['refuse', 'report'] as const;
export type ImageRule = (typeof imageRules)[number];

/**
 * How long to wait for requests in flight, and where to read their number. The prober reads it: it may use the network.
 */
const drainSchema = z.strictObject({
  activeRequestsUrl: url,
  headers: z._default(headers, {}),
  /** Where the number is in a JSON answer; without it the body is the number. */
  path: z.optional(jsonPath),
  timeoutSeconds: z._default(z.int().check(z.gte(1), z.lte(300)), 30),
});
export type Drain = Readonly<z.infer<typeof drainSchema>>;

/** The configuration is backed up before a restart and restored when that fails. */
const configurationSchema = z.strictObject({
  /** Checks whether the service may be started with its present configuration; if not, fails with RESTART_004. */
  validate: z.optional(ssmStepSchema),
  /** Fails the restart with RESTART_003. */
  backup: ssmStepSchema,
  restore: ssmStepSchema,
});

export const restartPolicySchema = z.strictObject({
  /** `on` when steps are given, `off` when not; `observe` says what would have been done and does nothing. */
  mode: z.optional(z.enum(restartModes)),
  /** Never more restarts than this within `windowSeconds`. */
  maxRestarts: z.optional(z.int().check(z.gte(1), z.lte(100))),
  windowSeconds: z.optional(z.int().check(z.gte(60), z.lte(604_800))),
  /** Restart n of an incident takes step n; the last one repeats while the budget lasts. */
  steps: z._default(z.array(restartStepSchema).check(z.maxLength(5)), []),
  /** `before` runs before anything is stopped, `after` when the new instance is there. */
  before: z.optional(ssmStepSchema),
  after: z.optional(ssmStepSchema),
  configuration: z.optional(configurationSchema),
  /** The lighter form, for `mode: reload`. */
  reload: z.optional(ssmStepSchema),
  /** The step for a restart that was carried out and could not be verified. */
  rollback: z.optional(restartStepSchema),
  drain: z.optional(drainSchema),
  /** What to do with a redeploy that would start other images than those that run. */
  otherImages: z._default(z.enum(imageRules), 'refuse'),
  /** After the instance has changed, verdicts decide nothing for this long. */
  warmUpSeconds: z._default(z.int().check(z.gte(0), z.lte(900)), 10),
  /** How long after the warm-up the service may take to be verified. */
  verifyTimeoutSeconds: z._default(z.int().check(z.gte(1), z.lte(3_600)), 120),
  /** Wait before the second restart; doubles with each further one inside the window, up to `maxBackoffSeconds`. */
  backoffSeconds: z._default(z.int().check(z.gte(0), z.lte(3_600)), 10),
  maxBackoffSeconds: z._default(z.int().check(z.gte(0), z.lte(86_400)), 300),
});
export type RestartPolicy = z.infer<typeof restartPolicySchema>;
