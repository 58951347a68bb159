// The parts of ECS answers about tasks and task definitions that Lamplighter uses; everything else is ignored.
import * as z from 'zod/mini';

const containerSchema = z.object({
  name: z._default(z.string(), 'unnamed'),
  /** The digest that was really pulled; absent until then, and always on some platforms. */
  imageDigest: z.optional(z.string()),
  lastStatus: z.optional(z.string()),
  exitCode: z.optional(z.number()),
  reason: z.optional(z.string()),
});

const taskSchema = z.object({
  taskArn: z.string(),
  taskDefinitionArn: z.optional(z.string()),
  /** The deployment that started it, for tasks of a service. */
  startedBy: z.optional(z.string()),
  lastStatus: z._default(z.string(), 'UNKNOWN'),
  desiredStatus: z._default(z.string(), 'UNKNOWN'),
  /** HEALTHY, UNHEALTHY or, if its containers have no health check, UNKNOWN. */
  healthStatus: z._default(z.string(), 'UNKNOWN'),
  stoppedReason: z.optional(z.string()),
  startedAt: z.optional(z.date()),
  stoppedAt: z.optional(z.date()),
  containers: z._default(z.array(containerSchema), []),
});
export type EcsTask = z.infer<typeof taskSchema>;

/** ECS may call a stopped task DELETED before it forgets it. */
export const hasStopped = ({ lastStatus }: EcsTask): boolean => lastStatus === 'STOPPED' || lastStatus === 'DELETED';

export const listTasksAnswer = z.object({
  taskArns: z._default(z.array(z.string()), []),
  nextToken: z.optional(z.string()),
});
/** A task that ECS has forgotten (after an hour) is left out of `tasks`. */
export const describeTasksAnswer = z.object({ tasks: z._default(z.array(taskSchema), []) });

export const listTaskDefinitionsAnswer = z.object({ taskDefinitionArns: z._default(z.array(z.string()), []) });
export const describeTaskDefinitionAnswer = z.object({
  taskDefinition: z.object({
    containerDefinitions: z._default(
      z.array(z.object({ name: z._default(z.string(), 'unnamed'), image: z.optional(z.string()) })),
      [],
    ),
  }),
});

/** The last part of an ARN: a task's id, or `family:revision`. */
export const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
