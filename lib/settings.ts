// The settings of a deployment: typed, with safe defaults, and checked at synth. docs/deploy.md documents each of them.
import { readFileSync } from 'node:fs';

import { parse } from 'yaml';
import * as z from 'zod';

import { BUS_ARN } from '../lambdas/contract/event-bus.ts';
import { alertSettings, email } from './alert-settings.ts';
import { cidr, isOverlapping } from './network-ranges.ts';
import { secretName } from './secret-name.ts';

const ecsName = z.string().regex(/^[A-Za-z0-9_-]{1,255}$/, 'must be an ECS cluster name');
const distinctClusters = z
  .array(ecsName)
  .refine((clusters) => new Set(clusters).size === clusters.length, 'names a cluster twice')
  .default([]);
const region = z
  .string()
  .regex(
    /^[a-z]{2,4}(-[a-z]+)?-(central|east|west|(north|south)(east|west)?)-[1-9]$/,
    'must be a region such as eu-central-1',
  );
/** The values that CloudWatch Logs accepts, up to two years. */
const logDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

const peopleSchema = z.strictObject({
  secret: secretName.default('lamplighter/api/people'),
  ratePerSecond: z.int().min(1).max(100).default(5),
  burst: z.int().min(1).max(200).default(10),
  /** How many passwords are checked at once; taken from the account's concurrency, so there is no default. */
  reservedConcurrency: z.int().min(1).max(100).optional(),
});
export type PeopleSettings = z.infer<typeof peopleSchema>;

const stormSchema = z
  .strictObject({
    /** Share of the fleet, of a project or of a tag. */
    share: z.number().gt(0).max(1).default(0.3),
    least: z.int().min(2).max(10_000).default(5),
    cooldownSeconds: z.int().min(60).max(3_600).default(120),
  })
  .prefault({});

const settingsSchema = z
  .strictObject({
    /** A stack of its own in each region; without any, one stack in whatever region it is deployed to. */
    regions: z
      .array(region)
      .refine((regions) => new Set(regions).size === regions.length, 'names a region twice')
      .default([]),
    alerts: alertSettings,
    /** Who is told when Lamplighter itself is in trouble, straight from CloudWatch. */
    operators: z.strictObject({ email: z.array(email).default([]) }).prefault({}),
    restart: z
      .strictObject({
        /** ECS clusters in which services with the tag may be restarted. */
        clusters: z.array(ecsName).default([]),
        /** Whether the restart documents may be sent to EC2 instances with the tag. */
        instances: z.boolean().default(false),
        /** The tag that opts a service or an instance in. */
        tag: z
          .strictObject({ key: z.string().min(1).max(128), value: z.string().max(256) })
          .default({ key: 'lamplighter', value: 'restart' }),
        /** When so much fails together that restarts wait. */
        storm: stormSchema,
        /** How many restarts may be under way in the whole fleet. */
        maxAtOnce: z.int().min(1).max(1_000).default(5),
      })
      .prefault({}),
    ecsState: z
      .strictObject({
        /** ECS clusters whose services may be probed by the state that ECS reports. */
        clusters: distinctClusters,
      })
      .prefault({}),
    discovery: z
      .strictObject({
        /** ECS clusters that discovery reads every five minutes: services with the tags register themselves. */
        clusters: distinctClusters,
      })
      .prefault({}),
    network: z
      .strictObject({
        /** Adds a second probe function inside this VPC, for private services. */
        vpcId: z
          .string()
          .regex(/^vpc-[0-9a-f]{8,17}$/, 'must be a VPC id such as vpc-0abc1234')
          .optional(),
        /**
         * Private subnets of the VPC for that function, with a route out. Given, not looked up: synth asks no account.
         */
        subnetIds: z
          .array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, 'must be a subnet id such as subnet-0abc1234'))
          .default([]),
        /** Private ranges that the prober inside the VPC may reach. */
        allowedRanges: z.array(cidr).default([]),
      })
      .prefault({}),
    api: z
      .strictObject({
        /** Without one, callers sign with IAM. */
        jwt: z
          .strictObject({ issuer: z.url({ protocol: /^https$/ }), audience: z.array(z.string().min(1)).min(1) })
          .optional(),
        /** A second API, for people with a password. */
        basic: peopleSchema.optional(),
        ratePerSecond: z.int().min(1).max(1_000).default(20),
        burst: z.int().min(1).max(2_000).default(40),
      })
      .prefault({}),
    minIntervalSeconds: z.int().min(10).max(60).default(10),
    /** Fixed for the life of a deployment: a service's shard follows from it. */
    shards: z.int().min(1).max(100).default(16),
    retentionDays: z.int().min(1).max(3_650).default(30),
    /** How long hours and days of numbers are kept. */
    rollupRetentionDays: z.int().min(1).max(3_650).default(400),
    /** How long audit entries are kept. */
    auditRetentionDays: z.int().min(1).max(3_650).default(365),
    logRetentionDays: z
      .union(
        logDays.map((days) => z.literal(days)),
        `must be one of ${logDays.join(', ')}`,
      )
      .default(30),
    dashboard: z.boolean().default(false),
  })
  .superRefine(({ alerts, network, regions }, context) => {
    const busRegion = BUS_ARN.exec(alerts.eventBus ?? '')?.[1];
    if (busRegion !== undefined && regions.some((one) => one !== busRegion))
      context.addIssue({
        code: 'custom',
        path: ['alerts', 'eventBus'],
        message: `lies in ${busRegion}: entries are put on a bus of the same region; give its name instead`,
      });
    if (network.vpcId !== undefined && regions.length > 1)
      context.addIssue({
        code: 'custom',
        path: ['regions'],
        message: 'names several, but network.vpcId lies in one of them: give each region settings of its own',
      });
    if ((network.vpcId === undefined) !== (network.subnetIds.length === 0))
      context.addIssue({
        code: 'custom',
        path: ['network', network.vpcId === undefined ? 'vpcId' : 'subnetIds'],
        message: 'must be given too: a VPC needs its subnets, and subnets their VPC',
      });
    for (const [index, range] of network.allowedRanges.entries())
      if (isOverlapping(range))
        context.addIssue({
          code: 'custom',
          path: ['network', 'allowedRanges', index],
          message: "must not open loopback or link-local addresses: Lambda's own runtime API listens there",
        });
  });
export type Settings = z.infer<typeof settingsSchema>;
export type SettingsInput = z.input<typeof settingsSchema>;

/** Everything that is wrong with the settings, each by its name; synth stops with it. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** `hasVpc`: the app provides the VPC, which then must not be named in the settings. */
export function checkSettings(input: unknown, source: string, { hasVpc = false } = {}): Settings {
  const decoded = settingsSchema.safeParse(input ?? {});
  if (decoded.success) {
    const { allowedRanges, vpcId } = decoded.data.network;
    if (allowedRanges.length === 0 || vpcId !== undefined || hasVpc) return decoded.data;
    throw wrong(source, [`network.allowedRanges: ${RANGES_WITHOUT_VPC}`]);
  }
  const faults = decoded.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => `${[...issue.path, key].join('.')}: is not a setting`)
      : [`${issue.path.join('.') || '(settings)'}: ${issue.message}`],
  );
  throw wrong(source, faults);
}

const RANGES_WITHOUT_VPC = 'opens private ranges, which can only be reached from a VPC: give network.vpcId too';
const wrong = (source: string, faults: readonly string[]) =>
  new SettingsError([`wrong settings in ${source}:`, ...faults.map((fault) => `  ${fault}`)].join('\n'));

/** Reads a YAML or JSON file of settings. */
export function readSettings(file: string): Settings {
  let document: unknown;
  try {
    document = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new SettingsError(`${file} cannot be read: ${error instanceof Error ? error.message : 'fault'}`);
  }
  return checkSettings(document, file);
}
