// Events as EventBridge delivers them: the shapes of AWS's documentation, with everything that Lamplighter reads and
// some of what it ignores.

type Change = Readonly<Record<string, unknown>>;

const envelope = { version: '0', account: '123456789012', region: 'eu-central-1', time: '2026-01-05T12:00:00Z' };
const ECS = 'arn:aws:ecs:eu-central-1:123456789012';

/** A task of `prod`/`billing` has stopped; `detail` replaces parts of the details. */
export const taskEvent = (detail: Change = {}, more: Change = {}) => ({
  ...envelope,
  id: '3317b2af-7005-947d-b652-f55e762e571a',
  'detail-type': 'ECS Task State Change',
  source: 'aws.ecs',
  resources: [`${ECS}:task/prod/78c5ebf0f1d84fca9a4fe7ba4da77a1f`],
  detail: {
    clusterArn: `${ECS}:cluster/prod`,
    group: 'service:billing',
    desiredStatus: 'STOPPED',
    lastStatus: 'STOPPED',
    stoppedReason: 'Essential container in task exited',
    taskArn: `${ECS}:task/prod/78c5ebf0f1d84fca9a4fe7ba4da77a1f`,
    version: 4,
    ...detail,
  },
  ...more,
});

/** A deployment of `prod`/`billing` has failed. */
export const deploymentEvent = (more: Change = {}) => ({
  ...envelope,
  id: 'ddca6449-b258-46c0-8653-e0e3a6d01e5a',
  'detail-type': 'ECS Deployment State Change',
  source: 'aws.ecs',
  resources: [`${ECS}:service/prod/billing`],
  detail: {
    eventType: 'ERROR',
    eventName: 'SERVICE_DEPLOYMENT_FAILED',
    deploymentId: 'ecs-svc/123',
    updatedAt: '2026-01-05T11:59:59Z',
    reason: 'ECS deployment circuit breaker: task failed to start.',
  },
  ...more,
});

/** The instance i-0abc has stopped. */
export const instanceEvent = (detail: Change = {}, more: Change = {}) => ({
  ...envelope,
  id: '7bf73129-1428-4cd3-a780-95db273d1602',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  resources: ['arn:aws:ec2:eu-central-1:123456789012:instance/i-0abc'],
  detail: { 'instance-id': 'i-0abc', state: 'stopped', ...detail },
  ...more,
});
