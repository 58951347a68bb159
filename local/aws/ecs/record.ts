// What the local ECS remembers of a service: its deployments and its tasks, as they are stored.
import * as z from 'zod';

const deploymentSchema = z.object({
  id: z.string(),
  status: z.enum(['PRIMARY', 'ACTIVE']),
  rolloutState: z.enum(['IN_PROGRESS', 'COMPLETED', 'FAILED']),
  rolloutStateReason: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
  failedTasks: z.number(),
  /** Of the task definition; 1 when nothing is said. */
  revision: z.number().optional(),
});
export type LocalDeployment = z.infer<typeof deploymentSchema>;

const taskSchema = z.object({
  id: z.string(),
  deploymentId: z.string(),
  lastStatus: z.enum(['PENDING', 'RUNNING', 'STOPPED']),
  createdAt: z.number(),
  /** Absent between the decision to launch and the launch itself; a crash may lie between the two. */
  process: z.object({ pid: z.number(), startTicks: z.number() }).optional(),
  startedAt: z.number().optional(),
  /** Why it is to stop; absent while it is wanted. */
  stopReason: z.string().optional(),
  /** When SIGTERM was sent. */
  stoppingAt: z.number().optional(),
  stoppedAt: z.number().optional(),
  stoppedReason: z.string().optional(),
  exitCode: z.number().optional(),
  revision: z.number().optional(),
  /** What the image's tag stood for when the task was launched. */
  imageDigest: z.string().optional(),
  /** By the health check; absent until it has answered. */
  health: z.enum(['HEALTHY', 'UNHEALTHY']).optional(),
});
export type LocalTask = z.infer<typeof taskSchema>;

/** All there is to know of one service; stored as one value, so a crash finds it whole. Times are epoch ms. */
export const serviceRecordSchema = z.object({
  cluster: z.string(),
  service: z.string(),
  /** INACTIVE: no longer in the settings. */
  status: z.enum(['ACTIVE', 'INACTIVE']),
  createdAt: z.number(),
  desiredCount: z.number(),
  /** As it stood in the settings when last read; a later change there wins over UpdateService. */
  configuredCount: z.number(),
  /** A task is to be launched then, once nothing else lives. */
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
