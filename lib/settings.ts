// The settings of a deployment: typed, with safe defaults, and checked at synth. docs/deploy.md documents each of them.
import { readFileSync } from 'node:fs';
import { BlockList, isIPv6 } from 'node:net';

import { parse } from 'yaml';
import * as z from 'zod';

import { alertFormats } from '../lambdas/contract/alert-formats.ts';
import { isTimeZone, TIME_OF_DAY } from '../lambdas/contract/quiet-hours.ts';

const levels = z.array(z.enum(['info', 'warning', 'error', 'critical'])).min(1);
const email = z.email('must be an e-mail address such as ops@example.com');
const telephone = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be a number such as +4915112345678');
const cidr = z.union([z.cidrv4(), z.cidrv6()], 'must be a range such as 10.0.0.0/8');
const ecsName = z.string().regex(/^[A-Za-z0-9_-]{1,255}$/, 'must be an ECS cluster name');
const region = z
  .string()
  .regex(
    /^[a-z]{2,4}(-[a-z]+)?-(central|east|west|(north|south)(east|west)?)-[1-9]$/,
    'must be a region such as eu-central-1',
  );
/** What CloudWatch Logs takes, up to two years. */
const logDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

const neverOpened = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '::/127', 'fe80::/10', '::ffff:0:0/96'];

/** Whether a range holds, or lies in, one that must never be opened: of two ranges that meet, one begins in the other. */
const isOverlapping = (range: string): boolean =>
  neverOpened.some((never) => isWithin(startOf(never), range) || isWithin(startOf(range), never));
const startOf = (range: string) => range.replace(/\/.*$/, '');
function isWithin(address: string, range: string): boolean {
  const family = (text: string) => (isIPv6(text) ? 'ipv6' : 'ipv4');
  const list = new BlockList();
  list.addSubnet(startOf(range), Number(range.replace(/^.*\//, '')), family(startOf(range)));
  return family(address) === family(startOf(range)) && list.check(address, family(address));
}

/** The secret is read through Parameter Store, by its name in a path. */
const secretName = z
  .string()
  .regex(/^(?!.*\.\.)[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*){0,10}$/, 'must be the name of a secret such as a/b')
  .max(200)
  .refine(
    (name) => !name.startsWith('lamplighter/probe/'),
    'must not lie below lamplighter/probe/, where whoever registers a service may use secrets',
  );
const peopleSchema = z.strictObject({
  secret: secretName.default('lamplighter/api/people'),
  ratePerSecond: z.int().min(1).max(100).default(5),
  burst: z.int().min(1).max(200).default(10),
  /** How many tries are checked at once; taken from what the account may run at once, so there is no default. */
  reservedConcurrency: z.int().min(1).max(100).optional(),
});
export type PeopleSettings = z.infer<typeof peopleSchema>;

/** Whom a subscriber hears of: alerts that have one of each that is given. SNS takes 150 combinations. */
const filterShape = {
  levels: levels.optional(),
  projects: z.array(z.string().min(1).max(100)).min(1).max(20).optional(),
  /** `name=value`, as the attribute of an alert has them. */
  tags: z
    .array(z.string().regex(/^[^=]{1,128}=.{0,256}$/, 'must be a tag such as team=payments'))
    .min(1)
    .max(20)
    .optional(),
};
export type FilterSettings = z.infer<z.ZodObject<typeof filterShape>>;
const isFilterable = ({ levels: some = [], projects = [], tags = [] }: FilterSettings) =>
  [some, projects, tags].reduce((product, { length }) => product * Math.max(1, length), 1) <= 150;
const TOO_MANY = 'must not have more than 150 combinations of levels, projects and tags: SNS takes no more';

/** A parameter of Parameter Store begins with a slash; anything else is the name of a secret in Secrets Manager. */
const receiverSecret = z.union(
  [
    secretName,
    z
      .string()
      .regex(/^\/(?!aws\/|ssm\/|lamplighter\/probe\/)[\w.-]+(\/[\w.-]+){0,14}$/)
      .max(500),
  ],
  'must be a secret such as lamplighter/alerts/chat, or a parameter such as /lamplighter/alerts/chat, not below lamplighter/probe/',
);
const webhookSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/, 'must be a name such as ops-chat')
      .max(30),
    format: z.enum(alertFormats),
    secret: receiverSecret,
    ...filterShape,
  })
  .refine(isFilterable, TOO_MANY);
export const webhooksSchema = z
  .array(webhookSchema)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'names a receiver twice')
  .default([]);
export type WebhookSettings = z.infer<typeof webhookSchema>;

const stormSchema = z
  .strictObject({
    /** Share of the fleet, of a project or of a tag. */
    share: z.number().gt(0).max(1).default(0.3),
    least: z.int().min(2).max(10_000).default(5),
    cooldownSeconds: z.int().min(60).max(3_600).default(120),
  })
  .prefault({});

/** An ARN names a region, and whoever puts entries there must stand in it. */
const BUS_ARN = /^arn:[\w-]+:events:([\w-]+):\d{12}:event-bus\/[\w.-]{1,256}$/;
export const eventBusSchema = z.union(
  [z.string().regex(/^[\w.-]{1,256}$/), z.string().regex(BUS_ARN)],
  'must be the name of an event bus such as default, or the ARN of one',
);

const timeOfDay = z.string().regex(TIME_OF_DAY, 'must be a time of day such as "22:00"');
const quietHoursSchema = z
  .strictObject({
    from: timeOfDay,
    to: timeOfDay,
    timeZone: z.string().refine(isTimeZone, 'must be a time zone such as Europe/Berlin'),
    levels: z
      .array(z.enum(['info', 'warning', 'error'], 'must be info, warning or error: what is critical never waits'))
      .min(1)
      .default(['info', 'warning']),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'must differ from `from`' });

const settingsSchema = z
  .strictObject({
    /** A stack of its own in each; without any, one stack in whatever region it is deployed to. */
    regions: z
      .array(region)
      .refine((regions) => new Set(regions).size === regions.length, 'names a region twice')
      .default([]),
    /** Whom alerts go to; without `levels` everything does. A filter policy does the sorting. */
    alerts: z
      .strictObject({
        email: z.array(z.strictObject({ address: email, ...filterShape }).refine(isFilterable, TOO_MANY)).default([]),
        sms: z
          .array(
            z
              .strictObject({ number: telephone, ...filterShape, levels: levels.default(['critical']) })
              .refine(isFilterable, TOO_MANY),
          )
          .default([]),
        https: z
          .array(z.strictObject({ url: z.url({ protocol: /^https$/ }), ...filterShape }).refine(isFilterable, TOO_MANY))
          .default([]),
        /** Who gets what nobody has acknowledged, and nothing else. */
        escalation: z
          .strictObject({ email: z.array(email).default([]), sms: z.array(telephone).default([]) })
          .prefault({}),
        /** How long alerts of a project are collected after the first one. */
        groupSeconds: z.int().min(0).max(900).default(60),
        quietHours: quietHoursSchema.optional(),
        /** Posted to by a function of their own, each in its format. */
        webhooks: webhooksSchema,
        /** Text messages in a UTC month; every number that gets one counts. */
        smsMonthlyLimit: z.int().min(0).max(1_000_000).default(100),
        /** An existing EventBridge bus that hears of every alert and every state change. */
        eventBus: eventBusSchema.optional(),
      })
      .superRefine(({ email: mails, sms, escalation }, context) => {
        // SNS knows one subscription of an address, and one filter of that.
        const known = [...mails.map(({ address }) => address), ...sms.map(({ number }) => number)];
        for (const way of ['email', 'sms'] as const)
          for (const [index, address] of escalation[way].entries())
            if (known.includes(address) || escalation[way].indexOf(address) !== index)
              context.addIssue({
                code: 'custom',
                path: ['escalation', way, index],
                message: 'is subscribed already: give another one, for an address gets its alerts by one filter',
              });
      })
      .prefault({}),
    /** Who is told when Lamplighter itself is in trouble, straight from CloudWatch. */
    operators: z.strictObject({ email: z.array(email).default([]) }).prefault({}),
    restart: z
      .strictObject({
        /** ECS clusters in which services with the tag may be restarted. */
        clusters: z.array(ecsName).default([]),
        /** Whether EC2 instances with the tag may be sent the restart documents. */
        instances: z.boolean().default(false),
        /** The tag that opts a service or an instance in. */
        tag: z
          .strictObject({ key: z.string().min(1).max(128), value: z.string().max(256) })
          .default({ key: 'lamplighter', value: 'restart' }),
        /** When so much fails together that restarts wait. */
        storm: stormSchema,
        /** Restarts under way in the whole fleet. */
        maxAtOnce: z.int().min(1).max(1_000).default(5),
      })
      .prefault({}),
    ecsState: z
      .strictObject({
        /** ECS clusters whose services may be looked at by what ECS says of them. */
        clusters: z
          .array(ecsName)
          .refine((clusters) => new Set(clusters).size === clusters.length, 'names a cluster twice')
          .default([]),
      })
      .prefault({}),
    discovery: z
      .strictObject({
        /** ECS clusters that are looked into every five minutes: services with the tags register themselves. */
        clusters: z
          .array(ecsName)
          .refine((clusters) => new Set(clusters).size === clusters.length, 'names a cluster twice')
          .default([]),
      })
      .prefault({}),
    network: z
      .strictObject({
        /** Adds a second probe function inside this VPC, which looks at private services. */
        vpcId: z
          .string()
          .regex(/^vpc-[0-9a-f]{8,17}$/, 'must be a VPC id such as vpc-0abc1234')
          .optional(),
        /** Its private subnets for that, which need a way out. Named, not looked up: synth asks no account. */
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
    /** How long it is kept who asked for what. */
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

/** What is wrong with the settings, each by its name; synth stops with it. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** `hasVpc`: the app brings a VPC along, which then is not named in the settings. */
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
