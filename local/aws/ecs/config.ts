// Which local commands one-machine mode keeps as ECS services, as people write it in the settings file.
import * as z from 'zod';

const ecsName = z.string().regex(/^[A-Za-z0-9_-]{1,255}$/, 'must be an ECS name: letters, digits, - and _');

/** What ECS allows in a tag. */
const tagText = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[\p{L}\p{Nd}\p{Zs}+=._:/@-]*$/u, 'may hold letters, digits, spaces and + - = . _ : / @');
const tagsSchema = z
  .record(tagText(128).min(1), tagText(256))
  .refine((tags) => !('lamplighter:health-path' in tags), 'has no load balancer here: use lamplighter:health-url');

const ecsServiceSchema = z.strictObject({
  cluster: ecsName,
  service: ecsName,
  /** A list is run as it is; a text goes through `/bin/sh -c`. */
  command: z.union([z.string().min(1), z.array(z.string()).min(1)]),
  cwd: z.string().min(1).optional(),
  /** Added to the environment that one-machine mode itself runs in. */
  env: z.record(z.string().min(1), z.string()).default({}),
  /** The service counts as running once 127.0.0.1 takes connections here; without one, once it has lived a second. */
  port: z.int().min(1).max(65_535).optional(),
  /** Between SIGTERM and SIGKILL. */
  stopTimeoutSeconds: z.number().min(0).max(120).default(5),
  /** How long a new process may take to listen before its deployment has failed. */
  startTimeoutSeconds: z.number().min(0.1).max(600).default(30),
  deploymentController: z.enum(['ECS', 'CODE_DEPLOY', 'EXTERNAL']).default('ECS'),
  tags: tagsSchema.default({}),
  desiredCount: z.union([z.literal(0), z.literal(1)]).default(1),
  /**
   * Real ECS starts another task when one stops. Here that is off, so that a dead process is Lamplighter's to heal,
   * also one that died with the machine; turn it on to have both at work.
   */
  replaceStoppedTasks: z.boolean().default(false),
});
export type EcsServiceConfig = Readonly<z.infer<typeof ecsServiceSchema>>;

/** The key under which a service is kept; also how people see it. */
export const serviceKey = ({ cluster, service }: { cluster: string; service: string }) => `${cluster}/${service}`;

/** A list of services, each cluster and name once. */
export const ecsConfigSchema = z.array(ecsServiceSchema).superRefine((services, context) => {
  services.forEach((one, index) => {
    if (services.findIndex((other) => serviceKey(other) === serviceKey(one)) === index) return;
    context.addIssue({ code: 'custom', path: [index, 'service'], message: `${serviceKey(one)} is there twice` });
  });
});
export type EcsConfig = Readonly<z.infer<typeof ecsConfigSchema>>;
