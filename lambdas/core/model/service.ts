// What may be registered, and the service that results when profile and defaults are filled in.
import * as z from 'zod/mini';

import type { Network } from '../../contract/networks.ts';
import { settleRestart } from '../registration/restart-way.ts';
import { type NoiseSettings, noiseSettings } from './noise.ts';
import { type Probe, probeSchema, readinessSchema, settleProbe } from './probe-spec.ts';
import { profileNames, profiles } from './profiles.ts';
import { restartModes, type RestartPolicy, restartPolicySchema } from './restart-spec.ts';

export const alertLevels = ['info', 'warning', 'error', 'critical'] as const;
export type AlertLevel = (typeof alertLevels)[number];

export const idSchema = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, and not begin with -'));
const label = z.string().check(z.trim(), z.minLength(1), z.maxLength(100));
const text = z.string().check(z.maxLength(200));

/** The registration document. An unknown field is a fault, so that a misspelt threshold is not silently ignored. */
export const registrationSchema = z.strictObject({
  id: idSchema,
  tenant: z._default(idSchema, 'default'),
  name: z.optional(label),
  project: z.optional(label),
  version: z.optional(text),
  /** What sort of thing it is, for people: `web`, `worker`, `database`… */
  type: z.optional(label),
  tags: z._default(
    z.record(z.string().check(z.minLength(1), z.maxLength(128)), z.string().check(z.maxLength(256))),
    {},
  ),
  /** The service's own API endpoints, for people; they are not probed. */
  apiEndpoints: z._default(z.array(z.string().check(z.maxLength(500))).check(z.maxLength(50)), []),
  monitoring: z.prefault(
    z.strictObject({
      logLevel: z._default(z.enum(['debug', 'info', 'warn', 'error']), 'info'),
      metrics: z._default(z.boolean(), true),
    }),
    {},
  ),
  probe: probeSchema,
  /** A second probe that leads to alerts, never to a restart. */
  readiness: z.optional(readinessSchema),
  policy: z.prefault(
    z.strictObject({
      profile: z._default(z.enum(profileNames), 'standard'),
      failureThreshold: z.optional(z.int().check(z.gte(1), z.lte(20))),
      successThreshold: z._default(z.int().check(z.gte(1), z.lte(20)), 2),
      /** Unhealthy also after `failures` downs among the last `of` beats: catches a flapping service. */
      window: z.optional(
        z.strictObject({ failures: z.int().check(z.gte(1), z.lte(64)), of: z.int().check(z.gte(1), z.lte(64)) }),
      ),
    }),
    {},
  ),
  restart: z.prefault(restartPolicySchema, {}),
  /** What it cannot work without (`essential`), or works worse without. Services of the same tenant. */
  dependsOn: z._default(
    z
      .array(
        z.strictObject(
          { service: idSchema, essential: z._default(z.boolean(), true) },
          'must be an object such as { "service": "ledger-db" }',
        ),
      )
      .check(z.maxLength(20)),
    [],
  ),
  alerts: z.prefault(
    z.strictObject({
      enabled: z.optional(z.boolean()),
      minLevel: z._default(z.enum(alertLevels), 'info'),
      ...noiseSettings,
      /** What to do when it fails, for people: its address goes with every alert. */
      runbook: z.optional(z.string().check(z.maxLength(500))),
    }),
    {},
  ),
});
/** The document as people wrote it, with the defaults that do not depend on the profile. */
export type Registration = Readonly<z.infer<typeof registrationSchema>>;

type Dependency = Readonly<{ service: string; essential: boolean }>;

/** What Lamplighter works with: every setting settled. */
export type Service = Readonly<{
  id: string;
  tenant: string;
  name: string;
  project?: string | undefined;
  tags: Readonly<Record<string, string>>;
  /** The network of the prober that probes it, for `probe` and `readiness` alike. */
  network: Network;
  probe: Probe;
  readiness?: Probe | undefined;
  policy: Readonly<{
    failureThreshold: number;
    successThreshold: number;
    window: Readonly<{ failures: number; of: number }>;
  }>;
  restart: Readonly<
    Omit<RestartPolicy, 'mode' | 'maxRestarts' | 'windowSeconds'> & {
      mode: (typeof restartModes)[number];
      maxRestarts: number;
      windowSeconds: number;
    }
  >;
  dependsOn: readonly Dependency[];
  alerts: NoiseSettings & Readonly<{ enabled: boolean; minLevel: AlertLevel; runbook?: string | undefined }>;
}>;

/** Fills in the profile: an explicit setting wins over it. */
export function toService(document: Registration): Service {
  const profile = profiles[document.policy.profile];
  const { network, ...probe } =
    document.probe.kind === 'ecs' ? { ...document.probe, network: 'ecs' as const } : document.probe;
  const failureThreshold = document.policy.failureThreshold ?? profile.failureThreshold;
  const intervalSeconds = document.probe.intervalSeconds ?? profile.intervalSeconds;
  const shareSeconds =
    document.readiness && document.probe.kind !== 'heartbeat' ? intervalSeconds / 2 : intervalSeconds;
  return {
    id: document.id,
    tenant: document.tenant,
    name: document.name ?? document.id,
    project: document.project,
    tags: document.tags,
    network,
    probe: settleProbe(probe, intervalSeconds, shareSeconds),
    readiness: document.readiness && settleProbe(document.readiness, intervalSeconds, shareSeconds),
    policy: {
      failureThreshold,
      successThreshold: document.policy.successThreshold,
      window: document.policy.window ?? { failures: failureThreshold, of: failureThreshold + 2 },
    },
    restart: {
      ...document.restart,
      ...settleRestart(document.restart, document.id),
      mode: document.restart.mode ?? profile.mode ?? (document.restart.steps.length > 0 ? 'on' : 'off'),
      maxRestarts: document.restart.maxRestarts ?? profile.maxRestarts,
      windowSeconds: document.restart.windowSeconds ?? profile.windowSeconds,
    },
    dependsOn: document.dependsOn,
    alerts: {
      ...document.alerts,
      enabled: document.alerts.enabled ?? profile.alertsEnabled,
      remindAfterMinutes: document.alerts.remindAfterMinutes ?? profile.remindAfterMinutes,
    },
  };
}
