// Rights to read in ECS, without any right to change.
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

import { arnOf, type Right, right } from './right.ts';

/** To read the services of these clusters, tags included, and the load balancers in front of them. */
export function toLookAtServices(scope: Construct, clusters: readonly string[]): Right[] {
  const arns = clusters.map((cluster) => arnOf(scope, 'ecs', `cluster/${cluster}`).arn);
  const reason = 'every service of the cluster is looked at, whatever it is called; the clusters are named';
  const described = right(
    scope,
    'DescribeServices',
    'ecs:DescribeServices',
    clusters.map((cluster) => ({ service: 'ecs', name: `service/${cluster}/*`, reason })),
  );
  described.statement.addCondition('ArnEquals', { 'ecs:cluster': arns });
  const list: Right = {
    statement: new PolicyStatement({
      sid: 'ListServices',
      actions: ['ecs:ListServices'],
      resources: ['*'],
      conditions: { ArnEquals: { 'ecs:cluster': arns } },
    }),
    wildcards: [{ shown: '*', reason: 'listing knows no resource; the condition names the clusters' }],
  };
  const balancers: Right = {
    statement: new PolicyStatement({
      sid: 'LoadBalancers',
      actions: ['DescribeTargetGroups', 'DescribeLoadBalancers', 'DescribeListeners'].map(
        (action) => `elasticloadbalancing:${action}`,
      ),
      resources: ['*'],
    }),
    wildcards: [{ shown: '*', reason: 'reading load balancers: AWS knows no narrower resource for these actions' }],
  };
  return [list, described, balancers];
}

/** To read the state of a cluster's services, and why their last tasks stopped. */
export function toSeeState(scope: Construct, cluster: string): Right[] {
  const { arn } = arnOf(scope, 'ecs', `cluster/${cluster}`);
  const reason = 'services are registered later; the cluster is named';
  const described = right(scope, undefined, 'ecs:DescribeServices', [
    { service: 'ecs', name: `service/${cluster}/*`, reason },
  ]);
  return [described, toSeeTasks(arn)];
}

/** The same for one service. */
export const toSeeService = (serviceArn: string, clusterArn: string): Right[] => [
  { statement: new PolicyStatement({ actions: ['ecs:DescribeServices'], resources: [serviceArn] }) },
  toSeeTasks(clusterArn),
];

/** Tasks cannot be named before they exist, and listing them supports no resource: the condition names the cluster. */
export const toSeeTasks = (clusterArn: string): Right => ({
  statement: new PolicyStatement({
    actions: ['ecs:ListTasks', 'ecs:DescribeTasks'],
    resources: ['*'],
    conditions: { ArnEquals: { 'ecs:cluster': clusterArn } },
  }),
  wildcards: [{ shown: '*', reason: 'tasks come and go; the condition names the cluster' }],
});
