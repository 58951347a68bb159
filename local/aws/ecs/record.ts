// What the local ECS stores about a service: its deployments and its tasks.
import * as z from 'zod';

const deploymentSchema = z.object({
  id: z.string(),
  status: z.enum(['PRIMARY', 'ACTIVE']),
  rolloutState: z.enum(['IN_PROGRESS', 'COMPLETED', 'FAILED']),
  rolloutStateReason: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
  failedTasks: z.number(),
  /** Of the task definition; 1 if absent. */
  revision: z.number().optional(),
});
export type LocalDeployment = z.infer<typeof deploymentSchema>;

const taskSchema = z.object({
  id: z.string(),
  deploymentId: z.string(),
  lastStatus: z.enum(['PENDING', 'RUNNING', 'STOPPED']),
  createdAt: z.number(),
  /** Absent between the decision to launch and the launch itself; there may be a crash in between. */
  process: z.object({ pid: z.number(), startTicks: z.number() }).optional(),
  startedAt: z.number().optional(),
  /** Why the task is to stop; absent while it is wanted. */
  stopReason: z.string().optional(),
  /** When SIGTERM was sent. */
  stoppingAt: z.number().optional(),
  stoppedAt: z.number().optional(),
  stoppedReason: z.string().optional(),
  exitCode: z.number().optional(),
  revision: z.number().optional(),
  /** The digest behind the image's tag when the task was launched. */
  imageDigest: z.string().optional(),
  /** From the health check; absent until its first result. */
  health: z.enum(['HEALTHY', 'UNHEALTHY']).optional(),
});
export type LocalTask = z.infer<typeof taskSchema>;

/** Everything stored about one service, as one value, so that a crash cannot leave half of it. Times are epoch ms. */
export const serviceRecordSchema = z.object({
  cluster: z.string(),
  service: z.string(),
  /** INACTIVE: no longer in the settings. */
  status: z.enum(['ACTIVE', 'INACTIVE']),
  createdAt: z.number(),
  desiredCount: z.number(),
  /** The count in the settings when they were last read; a later change there overrides UpdateService. */
  configuredCount: z.number(),
  /** When a task is to be launched, once no other is alive. */
  launchAt: z.number().optional(),
  /** Newest first. */
  deployments: z.array(deploymentSchema),
  /** Newest first; the living one, if any, is the first. */
  tasks: z.array(taskSchema),
});
export type ServiceRecord = z.infer<typeof serviceRecordSchema>;

/** The revision of the task definition that the service is to run. */
export const revisionOf = (record: ServiceRecord) => primaryOf(record)?.revision ?? 1;

export const livingTask = (record: ServiceRecord) => record.tasks.find(({ lastStatus }) => lastStatus !== 'STOPPED');
export const primaryOf = (record: ServiceRecord) => record.deployments.find(({ status }) => status === 'PRIMARY');
