// Rights to run SSM documents on hosts.
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

import type { Settings } from '../settings.ts';
import { type Right, right } from './right.ts';

/**
 * Hosts that have the tag, and Lamplighter's own documents only. Two statements: a tag condition on the documents would
 * deny everything, because only the hosts have the tag.
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

/** One document, by its name: to send it, and to read it before, so that only what was published is sent. */
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
