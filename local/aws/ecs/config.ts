// The settings of the local ECS: which commands one-machine mode runs as ECS services.
import * as z from 'zod';

const ecsName = z.string().regex(/^[A-Za-z0-9_-]{1,255}$/, 'must be an ECS name: letters, digits, - and _');

/** The characters that ECS allows in a tag. */
const tagText = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[\p{L}\p{Nd}\p{Zs}+=._:/@-]*$/u, 'may hold letters, digits, spaces and + - = . _ : / @');
const tagsSchema = z
  .record(tagText(128).min(1), tagText(256))
  .refine((tags) => !('lamplighter:health-path' in tags), 'has no load balancer here: use lamplighter:health-url');

const commandSchema = z.union([z.string().min(1), z.array(z.string()).min(1)]);
const imageName = z.string().min(1).max(512);

/** How a later revision of the task definition differs from the service itself. */
const revisionSchema = z.strictObject({
  command: commandSchema.optional(),
  env: z.record(z.string().min(1), z.string()).default({}),
  image: imageName.optional(),
});

/** A command whose exit code says whether the process is healthy, like a container's health check. */
const healthCheckSchema = z.strictObject({
  command: commandSchema,
  intervalSeconds: z.number().min(0.1).max(300).default(5),
  timeoutSeconds: z.number().min(0.1).max(60).default(5),
  /** Failures in a row until the task is UNHEALTHY. */
  retries: z.int().min(1).max(10).default(3),
});
export type HealthCheck = Readonly<z.infer<typeof healthCheckSchema>>;

const ecsServiceSchema = z.strictObject({
  cluster: ecsName,
  service: ecsName,
  /** A list is run as it is; a string goes through `/bin/sh -c`. */
  command: commandSchema,
  cwd: z.string().min(1).optional(),
  /** Added to the environment of one-machine mode itself. */
  env: z.record(z.string().min(1), z.string()).default({}),
  /**
   * The service counts as running once 127.0.0.1 accepts connections on this port; without a port, once it has lived a
   * second.
   */
  port: z.int().min(1).max(65_535).optional(),
  /** Time between SIGTERM and SIGKILL. */
  stopTimeoutSeconds: z.number().min(0).max(120).default(5),
  /** How long a new process may take to listen before its deployment fails. */
  startTimeoutSeconds: z.number().min(0.1).max(600).default(30),
  deploymentController: z.enum(['ECS', 'CODE_DEPLOY', 'EXTERNAL']).default('ECS'),
  tags: tagsSchema.default({}),
  desiredCount: z.union([z.literal(0), z.literal(1)]).default(1),
  /**
   * Real ECS starts another task when one stops. Here that is off, so that a dead process is left for Lamplighter to
   * heal, even one that died with the machine; turn it on to have both at work.
   */
  replaceStoppedTasks: z.boolean().default(false),
  /** The image that the task definition names. Nothing is pulled; the local ECR gives its digest. */
  image: imageName.optional(),
  /** Further revisions of the task definition, 2 and up. A service starts with the newest. */
  revisions: z.array(revisionSchema).default([]),
  healthCheck: healthCheckSchema.optional(),
});
export type EcsServiceConfig = Readonly<z.infer<typeof ecsServiceSchema>>;

/**
 * The revisions of a service's task definition, the first one first: the command that is run, and the image it names.
 */
export const revisionsOf = ({ service, command, env, image, revisions }: EcsServiceConfig) =>
  [{ command, env: {}, image }, ...revisions].map((one) => ({
    command: one.command ?? command,
    env: { ...env, ...one.env },
    image: one.image ?? image ?? `local/${service}`,
  }));

/** The key under which a service is stored, and its name for people. */
export const serviceKey = ({ cluster, service }: { cluster: string; service: string }) => `${cluster}/${service}`;

/** A list of services, in which each pair of cluster and name occurs once. */
export const ecsConfigSchema = z.array(ecsServiceSchema).superRefine((services, context) => {
  services.forEach((one, index) => {
    if (services.findIndex((other) => serviceKey(other) === serviceKey(one)) === index) return;
    context.addIssue({ code: 'custom', path: [index, 'service'], message: `${serviceKey(one)} is there twice` });
  });
});
export type EcsConfig = Readonly<z.infer<typeof ecsConfigSchema>>;
