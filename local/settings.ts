// The settings of one-machine mode: a few environment variables, and one YAML file that LAMPLIGHTER_CONFIG names.
// docs/one-machine.md documents every one of them.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { parse } from 'yaml';
import * as z from 'zod';

import { quietHoursSchema } from '../lambdas/core/alerts/quiet-hours.ts';
import { decode, type Fault } from '../lambdas/core/faults.ts';
import { isCidr } from '../lambdas/core/registration/address.ts';
import { eventBusSchema, webhooksSchema } from '../lib/alert-settings.ts';
import { imagesSchema } from './aws/ecr.ts';
import { ecsConfigSchema } from './aws/ecs/config.ts';
import { snsConfigSchema } from './aws/sns/config.ts';
import { ssmConfigSchema } from './aws/ssm/config.ts';

const configSchema = z.strictObject({
  /** Address ranges that may be probed although they are private; here loopback is always one of them. */
  allowedRanges: z.array(z.string().refine(isCidr, 'must be a range such as 10.0.0.0/8')).default([]),
  ecs: z
    .strictObject({
      services: ecsConfigSchema.default([]),
      /** The digests behind the tags of images in the local ECR. */
      images: imagesSchema.default({}),
    })
    .prefault({}),
  /** Clusters of the local ECS whose services register themselves. */
  discovery: z.strictObject({ clusters: z.array(z.string().min(1)).default([]) }).prefault({}),
  ssm: ssmConfigSchema.prefault({}),
  sns: snsConfigSchema.prefault({}),
  /**
   * As in the settings of a deployment; the secrets are those of `ssm.parameters`. Alerts are not grouped by default:
   * people who try it out want to see them at once.
   */
  alerts: z
    .strictObject({
      webhooks: webhooksSchema,
      smsMonthlyLimit: z.int().min(0).default(100),
      groupSeconds: z.int().min(0).max(900).default(0),
      quietHours: z.optional(quietHoursSchema),
      eventBus: eventBusSchema.optional(),
    })
    .prefault({}),
  /** As in the settings of a deployment, but shorter cooldowns are allowed. */
  restart: z
    .strictObject({
      storm: z
        .strictObject({
          share: z.number().gt(0).max(1).default(0.3),
          least: z.int().min(2).default(5),
          cooldownSeconds: z.int().min(1).max(3_600).default(120),
        })
        .prefault({}),
      maxAtOnce: z.int().min(1).max(1_000).default(5),
    })
    .prefault({}),
});
type LocalConfig = z.infer<typeof configSchema>;

const LAST_PORT = 65_535;

const envSchema = z.object({
  LAMPLIGHTER_PORT: z.coerce.number().int().min(0).max(LAST_PORT).default(4680),
  LAMPLIGHTER_AWS_PORT: z.coerce.number().int().min(0).max(LAST_PORT).optional(),
  LAMPLIGHTER_DATA_DIR: z.string().min(1).default('.lamplighter'),
  LAMPLIGHTER_MIN_INTERVAL_SECONDS: z.coerce.number().int().min(1).max(60).default(1),
  LAMPLIGHTER_CONFIG: z.string().min(1).optional(),
});

export type Settings = Readonly<{
  /** Port of the API; 0 takes a free one. */
  port: number;
  /** Port of the AWS endpoint; by default the one after the API's. */
  awsPort: number;
  dataDir: string;
  minIntervalSeconds: number;
  config: LocalConfig;
}>;

/** Everything that is wrong with the settings, each fault by its name; nothing has been started. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  constructor(source: string, faults: readonly Fault[]) {
    super(`${source}:\n${faults.map(({ path, message }) => `  ${path} ${message}`).join('\n')}`);
  }
}

/** `config` is the content of the settings file; it is read from LAMPLIGHTER_CONFIG if it is not given. */
export function readSettings(env: Readonly<Record<string, string | undefined>>, config?: unknown): Settings {
  const decoded = decode(envSchema, env);
  if (decoded.kind === 'faulty') throw new SettingsError('wrong settings in the environment', decoded.faults);
  const values = decoded.value;
  return {
    port: values.LAMPLIGHTER_PORT,
    awsPort: values.LAMPLIGHTER_AWS_PORT ?? portBeside(values.LAMPLIGHTER_PORT),
    dataDir: resolve(values.LAMPLIGHTER_DATA_DIR),
    minIntervalSeconds: values.LAMPLIGHTER_MIN_INTERVAL_SECONDS,
    config: readConfig(values.LAMPLIGHTER_CONFIG, config),
  };
}

function portBeside(port: number): number {
  if (port < LAST_PORT) return port === 0 ? 0 : port + 1;
  const message = `must be given when LAMPLIGHTER_PORT is ${LAST_PORT}: there is no port after it`;
  throw new SettingsError('wrong settings in the environment', [{ path: 'LAMPLIGHTER_AWS_PORT', message }]);
}

function readConfig(file: string | undefined, given: unknown): LocalConfig {
  const document = given ?? (file === undefined ? {} : parseYaml(file)) ?? {};
  const decoded = decode(configSchema, document);
  if (decoded.kind === 'faulty')
    throw new SettingsError(`wrong settings in ${file ?? 'the configuration'}`, decoded.faults);
  const { value } = decoded;
  if (file === undefined) return value;
  // Relative folders are relative to the settings file, not to where the process was started.
  const home = dirname(resolve(file));
  const services = value.ecs.services.map((service) => ({ ...service, cwd: resolve(home, service.cwd ?? '.') }));
  const documents = value.ssm.documents === undefined ? undefined : resolve(home, value.ssm.documents);
  return { ...value, ecs: { ...value.ecs, services }, ssm: { ...value.ssm, documents } };
}

function parseYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const message = error instanceof Error ? error.message : 'cannot be read';
    throw new SettingsError('LAMPLIGHTER_CONFIG', [{ path: file, message }]);
  }
}
