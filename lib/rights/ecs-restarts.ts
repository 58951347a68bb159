// Rights to restart ECS services.
import { BaseService, type IBaseService } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

import type { Settings } from '../settings.ts';
import { toSeeTasks } from './ecs-looks.ts';
import { arnOf, type Right, right } from './right.ts';

/** ECS services that have the tag, in the named clusters, and no others; tasks of these clusters. */
export function toRestartServices(scope: Construct, { clusters, tag }: Settings['restart']): Right[] {
  const updated = clusters.map((cluster, index) => {
    const reason = 'services are registered later; the condition on their tag is what opts them in';
    const service = { service: 'ecs', name: `service/${cluster}/*`, reason };
    const granted = right(scope, `Cluster${index}`, ['ecs:UpdateService', 'ecs:DescribeServices'], [service]);
    granted.statement.addCondition('StringEquals', { [`aws:ResourceTag/${tag.key}`]: tag.value });
    granted.statement.addCondition('ArnEquals', { 'ecs:cluster': arnOf(scope, 'ecs', `cluster/${cluster}`).arn });
    return granted;
  });
  const arns = clusters.map((cluster) => arnOf(scope, 'ecs', `cluster/${cluster}`).arn);
  const tasks = arns.flatMap((arn) => [toSeeTasks(arn), toStopTasks(arn)]);
  return clusters.length === 0 ? [] : [...updated, ...tasks, ...toCompareBits(scope)];
}

/**
 * To stop tasks of a cluster. AWS cannot narrow that to the tasks of one service: they have the tag of their service
 * only where it is propagated.
 */
export const toStopTasks = (clusterArn: string): Right => ({
  statement: new PolicyStatement({
    actions: ['ecs:StopTask'],
    resources: ['*'],
    conditions: { ArnEquals: { 'ecs:cluster': clusterArn } },
  }),
  wildcards: [{ shown: '*', reason: 'tasks come and go; the condition names the cluster' }],
});

/**
 * To go back to an earlier revision of this service: whoever names a revision must be allowed to pass the roles of its
 * tasks. For an imported service they are not known.
 */
export function toRollBack(service: IBaseService): Right[] {
  if (!(service instanceof BaseService)) return [];
  const { taskRole, executionRole } = service.taskDefinition;
  const statement = new PolicyStatement({
    actions: ['iam:PassRole'],
    resources: [taskRole, executionRole].flatMap((role) => role?.roleArn ?? []),
    conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  });
  return [{ statement }];
}

/** To see which task definitions exist, and which digests a tag in this account's registry stands for. */
export function toCompareBits(scope: Construct): Right[] {
  const reason = 'which repositories the services pull from is not known; manifests are read, no layers';
  return [
    {
      statement: new PolicyStatement({
        sid: 'TaskDefinitions',
        actions: ['ecs:ListTaskDefinitions', 'ecs:DescribeTaskDefinition'],
        resources: ['*'],
      }),
      wildcards: [{ shown: '*', reason: 'reading task definitions: AWS knows no narrower resource for these actions' }],
    },
    right(scope, 'ImageDigests', 'ecr:BatchGetImage', [{ service: 'ecr', name: 'repository/*', reason }]),
  ];
}
