// The tick: EventBridge Scheduler calls a function at every whole minute, or in another rhythm. A tick that could not
// be delivered before the next one is worth nothing, so it is retried twice and then kept for people to see.
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import type { ServiceFunction } from './service-function.ts';

export type RoundScheduleProps = Readonly<{
  target: ServiceFunction;
  deadLetters: Queue;
  rhythm?: Rhythm;
}>;
/** `worthSeconds`: for how long a tick that was not delivered is retried. */
export type Rhythm = Readonly<{ id: string; cron: string; worthSeconds: number }>;

// Not rate(): that counts from its creation, and beats are counted from the whole minute.
const everyMinute: Rhythm = { id: 'EveryMinute', cron: 'cron(* * * * ? *)', worthSeconds: 60 };

/**
 * Some minutes after the hour, when its rows are complete. A run that could not be started within ten minutes is left
 * to the next one.
 */
export const everyHour: Rhythm = { id: 'EveryHour', cron: 'cron(10 * * * ? *)', worthSeconds: 600 };

export class RoundSchedule extends Construct {
  readonly schedule: CfnSchedule;

  constructor(scope: Construct, id: string, { target, deadLetters, rhythm = everyMinute }: RoundScheduleProps) {
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
    this.schedule = new CfnSchedule(this, rhythm.id, {
      groupName: group.ref,
      scheduleExpression: rhythm.cron,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: target.lambda.functionArn,
        roleArn: role.roleArn,
        // The scheduled time, not the time of arrival, which may be up to a minute late.
        input: JSON.stringify({ scheduledTime: '<aws.scheduler.scheduled-time>' }),
        retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: rhythm.worthSeconds },
        deadLetterConfig: { arn: deadLetters.queueArn },
      },
    });
    this.schedule.node.addDependency(role);
  }
}
