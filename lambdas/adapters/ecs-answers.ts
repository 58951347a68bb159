// The parts of ECS answers that restarts rely on; everything else in them is ignored.
import * as z from 'zod/mini';

const deploymentSchema = z.object({
  id: z.string(),
  /** PRIMARY, ACTIVE or INACTIVE. */
  status: z.optional(z.string()),
  rolloutState: z.optional(z.string()),
  rolloutStateReason: z.optional(z.string()),
  createdAt: z.optional(z.date()),
  desiredCount: z._default(z.number(), 0),
  runningCount: z._default(z.number(), 0),
  failedTasks: z._default(z.number(), 0),
  taskDefinition: z.optional(z.string()),
});
export type EcsDeployment = z.infer<typeof deploymentSchema>;

const serviceSchema = z.object({
  status: z._default(z.string(), 'unknown'),
  /** REPLICA, or DAEMON: a task on each host, and `desiredCount` is the number of hosts that fit. */
  schedulingStrategy: z.optional(z.string()),
  desiredCount: z._default(z.number(), 0),
  runningCount: z._default(z.number(), 0),
  pendingCount: z._default(z.number(), 0),
  /** The revision that the next deployment starts, unless it names another. */
  taskDefinition: z.optional(z.string()),
  /** ECS leaves it out for services created before there was a choice. */
  deploymentController: z._default(z.object({ type: z._default(z.string(), 'ECS') }), { type: 'ECS' }),
  deploymentConfiguration: z._default(z.object({ strategy: z._default(z.string(), 'ROLLING') }), {
    strategy: 'ROLLING',
  }),
  deployments: z._default(z.array(deploymentSchema), []),
  /** Newest first. */
  events: z._default(z.array(z.object({ createdAt: z.optional(z.date()), message: z._default(z.string(), '') })), []),
});
export type EcsService = z.infer<typeof serviceSchema>;

/** A name that ECS does not know gets an answer of 200 with an empty list. */
export const describeServicesAnswer = z.object({ services: z._default(z.array(serviceSchema), []) });
export const updateServiceAnswer = z.object({ service: serviceSchema });

export const isDaemon = ({ schedulingStrategy }: EcsService): boolean => schedulingStrategy === 'DAEMON';

/** The deployment that ECS is bringing the service to. */
export const primaryOf = (service: EcsService) => service.deployments.find(({ status }) => status === 'PRIMARY');

/**
 * Whether this deployment, the primary one of the service, is still under way. ECS reports a rollout state for rolling
 * updates only, and not behind a Classic Load Balancer; without one, the deployment is under way as long as another is
 * ACTIVE, whose tasks it replaces.
 */
export const isDeploying = ({ deployments }: EcsService, { rolloutState }: EcsDeployment): boolean =>
  rolloutState === undefined ? deployments.some(({ status }) => status === 'ACTIVE') : rolloutState === 'IN_PROGRESS';
