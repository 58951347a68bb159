// The one Lambda construct: runtime, bundle, log group with retention, and the alarm on its errors. Every use must say
// what a failure means for people.
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import type { EnvName, FunctionName } from '../lambdas/contract/env.ts';
import { functionCode } from './bundling/function-code.ts';
import type { Right } from './rights/right.ts';

export type ServiceFunctionProps = Readonly<{
  function: FunctionName;
  /** What a failure means for people; the text of its alarm. */
  errorImpact: string;
  timeout: Duration;
  memoryMb: number;
  /** Exactly the variables of the contract that this function reads. */
  environment: Partial<Record<EnvName, string>>;
  logRetentionDays: RetentionDays;
  vpc?: IVpc | undefined;
  /** For a function that is called asynchronously: where failed calls go. They are not retried for long. */
  deadLetters?: IQueue | undefined;
  /** How many may run at once, taken from the account's limit. */
  reservedConcurrency?: number | undefined;
}>;

export class ServiceFunction extends Construct {
  readonly lambda: Function;
  readonly errorImpact: string;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    this.errorImpact = props.errorImpact;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // A role of its own instead of AWS's managed policy, which may write to every log group of the account.
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(this.role);
    if (props.vpc) this.joinVpc();
    this.lambda = new Function(this, 'Function', {
      code: functionCode(props.function),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMb,
      timeout: props.timeout,
      environment: { ...props.environment },
      role: this.role,
      logGroup,
      ...(props.vpc && { vpc: props.vpc }),
      ...(props.reservedConcurrency && { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...(props.deadLetters && {
        onFailure: new SqsDestination(props.deadLetters),
        retryAttempts: 1,
        maxEventAge: Duration.seconds(60),
      }),
    });
    this.acknowledgeFindings();
  }

  private acknowledgeFindings(): void {
    Validations.of(this.lambda).acknowledge(
      {
        id: 'Serverless-LambdaDLQ',
        reason:
          'a queue that calls it has its dead-letter queue, the tick has a failure destination, and the API waits',
      },
      {
        id: 'Serverless-LambdaTracing',
        reason:
          'correlation ids go through queues, logs and probes; traces of a million probes would cost more than they tell',
      },
    );
  }

  /**
   * What Lambda needs to put the function into the VPC; AWS's own policy for this would open every log group as well.
   */
  private joinVpc(): void {
    const actions = [
      'CreateNetworkInterface',
      'DescribeNetworkInterfaces',
      'DescribeSubnets',
      'DeleteNetworkInterface',
      'AssignPrivateIpAddresses',
      'UnassignPrivateIpAddresses',
    ].map((action) => `ec2:${action}`);
    this.allow({
      statement: new PolicyStatement({ sid: 'Network', actions, resources: ['*'] }),
      wildcards: [{ shown: '*', reason: 'network interfaces cannot be named before they exist' }],
    });
  }

  /** Grants rights; a wildcard in one of them is acknowledged with the reason beside it. */
  allow(...rights: readonly Right[]): void {
    for (const { statement, wildcards = [] } of rights) {
      this.role.addToPolicy(statement);
      for (const { shown, reason } of wildcards)
        Validations.of(this.role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${shown}]`, reason });
    }
  }
}
