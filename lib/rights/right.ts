// One right: one verb on one resource. A wildcard is used only where AWS supports no narrower scope, with its reason
// beside it.
import { Stack, Token } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

export type Right = Readonly<{
  statement: PolicyStatement;
  /** Why a resource of the statement contains a wildcard, in the form that cdk-nag shows it. */
  wildcards?: readonly Readonly<{ shown: string; reason: string }>[];
}>;

type Named = Readonly<{ service: string; name: string; reason?: string }>;

/** Allows these actions on resources of this name in this account and region. */
export function right(
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

/**
 * An ARN of this account and region, and the form in which cdk-nag shows it when they are known at deploy time only.
 */
export function arnOf(scope: Construct, service: string, name: string): { arn: string; shown: string } {
  const { partition, region, account } = Stack.of(scope);
  const shownOf = (value: string, placeholder: string) => (Token.isUnresolved(value) ? `<${placeholder}>` : value);
  const where = `${shownOf(region, 'AWS::Region')}:${shownOf(account, 'AWS::AccountId')}`;
  return {
    arn: `arn:${partition}:${service}:${region}:${account}:${name}`,
    shown: `arn:${shownOf(partition, 'AWS::Partition')}:${service}:${where}:${name}`,
  };
}
