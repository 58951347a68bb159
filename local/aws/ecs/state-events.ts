// The events that EventBridge would deliver for a local ECS service: the difference between two of its records, in the
// shape of real events.
import { randomUUID } from 'node:crypto';

import type { LocalDeployment, LocalTask, ServiceRecord } from './record.ts';
import { clusterArn, serviceArn, taskArn } from './shapes.ts';

/** Whole seconds, as in AWS. */
const timeOf = (epochMs: number) => new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z');

/** A task that started or stopped running, and a deployment that began or ended, at `now` (epoch ms); in that order. */
export function stateEvents(before: ServiceRecord, after: ServiceRecord, now: number): readonly object[] {
  const tasks = after.tasks.filter(({ id, lastStatus }) => {
    const known = before.tasks.find((task) => task.id === id);
    return lastStatus !== 'PENDING' && lastStatus !== known?.lastStatus;
  });
  const deployments = after.deployments.filter(({ id, rolloutState }) => {
    const known = before.deployments.find((deployment) => deployment.id === id);
    return rolloutState !== known?.rolloutState;
  });
  return [
    ...tasks.map((task) => taskEvent(after, task, now)),
    ...deployments.map((deployment) => deploymentEvent(after, deployment, now)),
  ];
}

const envelope = (type: string, resource: string, now: number) => ({
  ...{ version: '0', id: randomUUID(), 'detail-type': type, source: 'aws.ecs', account: '000000000000' },
  ...{ time: timeOf(now), region: 'us-east-1', resources: [resource] },
});

function taskEvent({ cluster, service }: ServiceRecord, task: LocalTask, now: number): object {
  const arn = taskArn(cluster, task.id);
  return {
    ...envelope('ECS Task State Change', arn, now),
    detail: {
      ...{ taskArn: arn, clusterArn: clusterArn(cluster), group: `service:${service}`, startedBy: task.deploymentId },
      ...{ lastStatus: task.lastStatus, desiredStatus: task.stopReason === undefined ? 'RUNNING' : 'STOPPED' },
      ...{ stoppedReason: task.stoppedReason, createdAt: timeOf(task.createdAt), updatedAt: timeOf(now) },
      containers: [{ name: service, lastStatus: task.lastStatus, exitCode: task.exitCode, taskArn: arn }],
    },
  };
}

function deploymentEvent({ cluster, service }: ServiceRecord, deployment: LocalDeployment, now: number): object {
  const { id: deploymentId, rolloutState, rolloutStateReason: reason } = deployment;
  return {
    ...envelope('ECS Deployment State Change', serviceArn(cluster, service), now),
    detail: {
      eventType: rolloutState === 'FAILED' ? 'ERROR' : 'INFO',
      eventName: `SERVICE_DEPLOYMENT_${rolloutState}`,
      ...{ clusterArn: clusterArn(cluster), deploymentId, updatedAt: timeOf(now), reason },
    },
  };
}
