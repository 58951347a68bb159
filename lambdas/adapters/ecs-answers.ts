// The parts of ECS answers that a restart rests on; everything else in them is ignored.
import * as z from 'zod';

const deploymentSchema = z.object({
  id: z.string(),
  /** PRIMARY, ACTIVE or INACTIVE. */
  status: z.string().optional(),
  rolloutState: z.string().optional(),
  rolloutStateReason: z.string().optional(),
  createdAt: z.date().optional(),
  desiredCount: z.number().default(0),
  runningCount: z.number().default(0),
});
export type EcsDeployment = z.infer<typeof deploymentSchema>;

const serviceSchema = z.object({
  status: z.string().default('unknown'),
  desiredCount: z.number().default(0),
  /** Left out by ECS for services made before there was a choice. */
  deploymentController: z.object({ type: z.string().default('ECS') }).default({ type: 'ECS' }),
  deploymentConfiguration: z.object({ strategy: z.string().default('ROLLING') }).default({ strategy: 'ROLLING' }),
  deployments: z.array(deploymentSchema).default([]),
});
export type EcsService = z.infer<typeof serviceSchema>;

/** A name that ECS does not know comes back with 200 and an empty list. */
export const describeServicesAnswer = z.object({ services: z.array(serviceSchema).default([]) });
export const updateServiceAnswer = z.object({ service: serviceSchema });

/** The deployment that ECS is bringing the service to. */
export const primaryOf = (service: EcsService) => service.deployments.find(({ status }) => status === 'PRIMARY');
