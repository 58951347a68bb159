// The tick: EventBridge Scheduler calls the schedule function at every whole minute. A tick that could not be delivered
// within its minute is worth nothing, so it is tried twice and then kept for people to see.
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import type { ServiceFunction } from './service-function.ts';

export class RoundSchedule extends Construct {
  readonly schedule: CfnSchedule;

  constructor(scope: Construct, id: string, { target, deadLetters }: { target: ServiceFunction; deadLetters: Queue }) {
    super(scope, id);
    const { account, region, partition } = Stack.of(this);
    const group = new CfnScheduleGroup(this, 'Group', {});
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:${partition}:scheduler:${region}:${account}:schedule-group/${group.ref}` },
        },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [target.lambda.functionArn] }),
    );
    role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] }));
    this.schedule = new CfnSchedule(this, 'EveryMinute', {
      groupName: group.ref,
      // Not rate(): that counts from its creation, and beats are counted from the whole minute.
      scheduleExpression: 'cron(* * * * ? *)',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: target.lambda.functionArn,
        roleArn: role.roleArn,
        // Never the time of arrival, which may be up to a minute late.
        input: JSON.stringify({ scheduledTime: '<aws.scheduler.scheduled-time>' }),
        retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 60 },
        deadLetterConfig: { arn: deadLetters.queueArn },
      },
    });
    this.schedule.node.addDependency(role);
  }
}
