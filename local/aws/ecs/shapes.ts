// The local ECS in the shapes of real ECS answers, and the names with which requests refer to things. Times are epoch
// seconds, as in JSON 1.1.
import { type EcsServiceConfig, revisionsOf } from './config.ts';
import { livingTask, type LocalDeployment, type LocalTask, revisionOf, type ServiceRecord } from './record.ts';

const ARN = 'arn:aws:ecs:us-east-1:000000000000';

export const clusterArn = (cluster: string) => `${ARN}:cluster/${cluster}`;
export const serviceArn = (cluster: string, service: string) => `${ARN}:service/${cluster}/${service}`;
export const taskArn = (cluster: string, taskId: string) => `${ARN}:task/${cluster}/${taskId}`;
/** Requests refer to things by name or by ARN; the name is the last part of either. */
export const shortName = (nameOrArn: string) => nameOrArn.split('/').at(-1) ?? nameOrArn;

const seconds = (epochMs: number | undefined) => (epochMs === undefined ? undefined : epochMs / 1_000);
const count = (record: ServiceRecord, status: LocalTask['lastStatus'], deploymentId?: string) => {
  const task = livingTask(record);
  return task?.lastStatus === status && (deploymentId ?? task.deploymentId) === task.deploymentId ? 1 : 0;
};
export const definitionArn = (family: string, revision = 1) => `${ARN}:task-definition/${family}:${revision}`;

/** A revision of a service's task definition as DescribeTaskDefinition returns it; undefined if there is none. */
export function definitionShape(config: EcsServiceConfig, revision: number) {
  const found = revisionsOf(config)[revision - 1];
  return (
    found && {
      ...{ taskDefinitionArn: definitionArn(config.service, revision), family: config.service, revision },
      status: 'ACTIVE',
      containerDefinitions: [{ name: config.service, image: found.image }],
    }
  );
}

/** A service as DescribeServices and UpdateService return it; with tags only if they were asked for. */
export function serviceShape(
  record: ServiceRecord,
  config: Pick<EcsServiceConfig, 'deploymentController' | 'tags'>,
  include: readonly string[] = [],
) {
  const isDraining = record.status === 'INACTIVE' && livingTask(record) !== undefined;
  return {
    serviceArn: serviceArn(record.cluster, record.service),
    serviceName: record.service,
    clusterArn: clusterArn(record.cluster),
    status: isDraining ? 'DRAINING' : record.status,
    desiredCount: record.desiredCount,
    runningCount: count(record, 'RUNNING'),
    pendingCount: count(record, 'PENDING'),
    launchType: 'EXTERNAL',
    schedulingStrategy: 'REPLICA',
    taskDefinition: definitionArn(record.service, revisionOf(record)),
    createdAt: seconds(record.createdAt),
    deploymentController: { type: config.deploymentController },
    deploymentConfiguration: { strategy: 'ROLLING', maximumPercent: 100, minimumHealthyPercent: 0 },
    // The other controllers work with task sets and list no deployments.
    deployments:
      config.deploymentController === 'ECS' ? record.deployments.map((one) => deploymentShape(record, one)) : [],
    events: [],
    loadBalancers: [],
    ...(include.includes('TAGS') && { tags: Object.entries(config.tags).map(([key, value]) => ({ key, value })) }),
  };
}

function deploymentShape(record: ServiceRecord, one: LocalDeployment) {
  const runningCount = count(record, 'RUNNING', one.id);
  const pendingCount = count(record, 'PENDING', one.id);
  return {
    ...{ id: one.id, status: one.status, taskDefinition: definitionArn(record.service, one.revision) },
    // A deployment that is being replaced wants no more tasks than it still has.
    desiredCount: one.status === 'PRIMARY' ? record.desiredCount : runningCount + pendingCount,
    ...{ runningCount, pendingCount, failedTasks: one.failedTasks },
    ...{ createdAt: seconds(one.createdAt), updatedAt: seconds(one.updatedAt) },
    ...{ rolloutState: one.rolloutState, rolloutStateReason: one.rolloutStateReason },
  };
}

/** A task as DescribeTasks returns it; its one container stands for the process. */
export function taskShape(record: ServiceRecord, task: LocalTask) {
  const arn = taskArn(record.cluster, task.id);
  const isStopped = task.lastStatus === 'STOPPED';
  return {
    taskArn: arn,
    clusterArn: clusterArn(record.cluster),
    taskDefinitionArn: definitionArn(record.service, task.revision),
    group: `service:${record.service}`,
    startedBy: task.deploymentId,
    healthStatus: task.health ?? 'UNKNOWN',
    lastStatus: !isStopped && task.stoppingAt !== undefined ? 'STOPPING' : task.lastStatus,
    desiredStatus: isStopped || task.stopReason !== undefined ? 'STOPPED' : 'RUNNING',
    createdAt: seconds(task.createdAt),
    startedAt: seconds(task.startedAt),
    stoppingAt: seconds(task.stoppingAt),
    stoppedAt: seconds(task.stoppedAt),
    stoppedReason: task.stoppedReason ?? task.stopReason,
    containers: [
      {
        ...{ containerArn: `${arn}/process`, taskArn: arn, name: record.service, lastStatus: task.lastStatus },
        ...{ imageDigest: task.imageDigest, healthStatus: task.health ?? 'UNKNOWN' },
        ...{ exitCode: task.exitCode, runtimeId: task.process && String(task.process.pid) },
      },
    ],
  };
}
