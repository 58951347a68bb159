// Who may do what, statement by statement: one verb on one resource. A wildcard stands only where AWS knows no narrower
// scope, with its reason beside it.
import { Stack, Token } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

import { keys, stateAttributes } from '../lambdas/contract/table.ts';
import type { Settings } from './settings.ts';

export type Right = Readonly<{
  statement: PolicyStatement;
  /** Why a resource of the statement holds a wildcard, by the way the checks show it. */
  wildcards?: readonly Readonly<{ shown: string; reason: string }>[];
}>;

export const onTable = (tableArn: string, ...actions: readonly string[]): Right => ({
  statement: new PolicyStatement({
    sid: 'Table',
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [tableArn],
  }),
});

/**
 * Reads what results, timelines and registrations say, and writes roll-ups; notes trends in the items of services, for
 * which the loser of a race reads one anew. The keys of each are named; of an item of a service so are the attributes,
 * for the registration lies in it too.
 */
export function toRollUp(tableArn: string): Right[] {
  const onKeys = (sid: string, actions: readonly string[], ...leading: readonly string[]): Right => ({
    statement: new PolicyStatement({
      sid,
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: [tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...leading] } },
    }),
  });
  const noted = onKeys('Trends', ['UpdateItem'], 'SHARD#*');
  // What an update sets or asks for in its condition, the key included.
  noted.statement.addCondition('ForAllValues:StringEquals', { 'dynamodb:Attributes': [...stateAttributes] });
  return [
    onKeys('Kept', ['Query'], 'RESULTS#*', 'SHARD#*', 'TIMELINE#*', keys.fleet),
    onKeys('Rollups', ['GetItem', 'PutItem', 'Query'], 'ROLLUP#*'),
    onKeys('Services', ['GetItem'], 'SHARD#*'),
    noted,
  ];
}

/** Who depends on a service: the one part of the index that whoever lists no registrations may read. */
export const toFindDependents = (tableArn: string): Right => ({
  statement: new PolicyStatement({
    sid: 'Dependents',
    actions: ['dynamodb:Query'],
    resources: [tableArn],
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys.target('service#*') } },
  }),
});

export const toSend = (...queueArns: readonly string[]): Right => ({
  statement: new PolicyStatement({ sid: 'HandOn', actions: ['sqs:SendMessage'], resources: [...queueArns] }),
});

export const toPublish = (topicArn: string): Right => ({
  statement: new PolicyStatement({ sid: 'Publish', actions: ['sns:Publish'], resources: [topicArn] }),
});

/** One event bus: of this account by its name, of any account by its ARN. */
export const toPutOn = (scope: Construct, bus: string): Right =>
  bus.startsWith('arn:')
    ? { statement: new PolicyStatement({ sid: 'EventBus', actions: ['events:PutEvents'], resources: [bus] }) }
    : right(scope, 'EventBus', 'events:PutEvents', [{ service: 'events', name: `event-bus/${bus}` }]);

/** Secrets of probes, by prefix and by nothing else. */
export function toReadProbeSecrets(scope: Construct): Right[] {
  const reason = 'secrets are named by people as they register services; the prefix is what keeps all others out';
  return [
    right(scope, 'ProbeParameters', 'ssm:GetParameter', [
      { service: 'ssm', name: 'parameter/lamplighter/probe/*', reason },
      // The way through Parameter Store to Secrets Manager.
      { service: 'ssm', name: 'parameter/aws/reference/secretsmanager/lamplighter/probe/*', reason },
    ]),
    right(scope, 'ProbeSecrets', 'secretsmanager:GetSecretValue', [
      { service: 'secretsmanager', name: 'secret:lamplighter/probe/*', reason },
    ]),
  ];
}

/** One secret, by its name, through Parameter Store. Secrets Manager ends its ARN with six characters of its own choice. */
export function toReadSecret(scope: Construct, name: string): Right[] {
  return [
    right(scope, 'SecretByName', 'ssm:GetParameter', [
      { service: 'ssm', name: `parameter/aws/reference/secretsmanager/${name}` },
    ]),
    right(scope, 'Secret', 'secretsmanager:GetSecretValue', [
      { service: 'secretsmanager', name: `secret:${name}-??????` },
    ]),
  ];
}

/** One parameter, by its name. */
export const toReadParameter = (scope: Construct, name: string): Right =>
  right(scope, 'Parameter', 'ssm:GetParameter', [{ service: 'ssm', name: `parameter${name}` }]);

/** ECS services that bear the tag, in the clusters that were named, and no others; tasks of these clusters. */
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
 * To stop tasks of a cluster. AWS cannot narrow that to the tasks of one service: they bear the tag of theirs only where
 * it is propagated.
 */
export const toStopTasks = (clusterArn: string): Right => ({
  statement: new PolicyStatement({
    actions: ['ecs:StopTask'],
    resources: ['*'],
    conditions: { ArnEquals: { 'ecs:cluster': clusterArn } },
  }),
  wildcards: [{ shown: '*', reason: 'tasks come and go; the condition names the cluster' }],
});

/** To see which task definitions there are, and which bits a tag in this account's registry stands for. */
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

/** To see which services there are in these clusters, tags included, and through which load balancers they are asked. */
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

/** To see how the services of a cluster stand, and why their last tasks stopped. */
export function toSeeState(scope: Construct, cluster: string): Right[] {
  const { arn } = arnOf(scope, 'ecs', `cluster/${cluster}`);
  const reason = 'services are registered later; the cluster is named';
  const described = right(scope, undefined, 'ecs:DescribeServices', [
    { service: 'ecs', name: `service/${cluster}/*`, reason },
  ]);
  return [described, toSeeTasks(arn)];
}

/** The same of one service. */
export const toSeeService = (serviceArn: string, clusterArn: string): Right[] => [
  { statement: new PolicyStatement({ actions: ['ecs:DescribeServices'], resources: [serviceArn] }) },
  toSeeTasks(clusterArn),
];

/** Tasks cannot be named before they are there, and listing them knows no resource: the condition names the cluster. */
export const toSeeTasks = (clusterArn: string): Right => ({
  statement: new PolicyStatement({
    actions: ['ecs:ListTasks', 'ecs:DescribeTasks'],
    resources: ['*'],
    conditions: { ArnEquals: { 'ecs:cluster': clusterArn } },
  }),
  wildcards: [{ shown: '*', reason: 'tasks come and go; the condition names the cluster' }],
});

/**
 * Hosts that bear the tag, and Lamplighter's own documents only. Two statements: a tag condition on the documents would
 * deny everything, because it is the hosts that bear the tag.
 */
export function toRunDocuments(
  scope: Construct,
  { instances, tag }: Settings['restart'],
  documents: readonly string[],
): Right[] {
  if (!instances) return [];
  const reason = 'hosts come and go; the condition on their tag is what opts them in';
  const hosts = right(scope, 'Hosts', 'ssm:SendCommand', [
    { service: 'ec2', name: 'instance/*', reason },
    { service: 'ssm', name: 'managed-instance/*', reason },
  ]);
  hosts.statement.addCondition('StringEquals', { [`ssm:resourceTag/${tag.key}`]: tag.value });
  return [...documents.flatMap((name) => toRunOn(scope, name)), hosts, toFollowCommands()];
}

/** One document, by its name: sending it, and reading it before, to send only what was published. */
export const toRunOn = (scope: Construct, document: string): Right[] =>
  ['ssm:SendCommand', 'ssm:GetDocument'].map((action) =>
    right(scope, undefined, action, [{ service: 'ssm', name: `document/${document}` }]),
  );

/** These hosts, tagged or not. */
export const onHosts = (scope: Construct, instanceIds: readonly string[]): Right =>
  right(
    scope,
    undefined,
    'ssm:SendCommand',
    instanceIds.map((instanceId) => ({ service: 'ec2', name: `instance/${instanceId}` })),
  );

export const toFollowCommands = (): Right => ({
  statement: new PolicyStatement({
    actions: ['ssm:GetCommandInvocation', 'ssm:ListCommands', 'ssm:DescribeInstanceInformation'],
    resources: ['*'],
  }),
  wildcards: [{ shown: '*', reason: 'reading how a command fares: AWS knows no narrower resource for these actions' }],
});

type Named = Readonly<{ service: string; name: string; reason?: string }>;

function right(
  scope: Construct,
  sid: string | undefined,
  actions: string | readonly string[],
  resources: readonly Named[],
): Right {
  const named = resources.map(({ service, name, reason }) => ({ ...arnOf(scope, service, name), reason }));
  return {
    statement: new PolicyStatement({
      ...(sid && { sid }),
      actions: [actions].flat(),
      resources: named.map(({ arn }) => arn),
    }),
    wildcards: named.flatMap(({ shown, reason }) => (reason === undefined ? [] : [{ shown, reason }])),
  };
}

/** An ARN of this account and region, and the way cdk-nag shows it when they are known at deploy time only. */
function arnOf(scope: Construct, service: string, name: string): { arn: string; shown: string } {
  const { partition, region, account } = Stack.of(scope);
  const shownOf = (value: string, placeholder: string) => (Token.isUnresolved(value) ? `<${placeholder}>` : value);
  const where = `${shownOf(region, 'AWS::Region')}:${shownOf(account, 'AWS::AccountId')}`;
  return {
    arn: `arn:${partition}:${service}:${region}:${account}:${name}`,
    shown: `arn:${shownOf(partition, 'AWS::Partition')}:${service}:${where}:${name}`,
  };
}
