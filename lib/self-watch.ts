// Lamplighter watched: alarms on a topic of their own, straight from CloudWatch, so that they work when none of our
// code does. Missing data is breaching wherever silence means that the rounds have stopped.
import { Duration, Stack, Validations } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Alarm, ComparisonOperator, type IMetric, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { metricNames } from '../lambdas/contract/metrics.ts';
import { own } from './own-metric.ts';
import type { PeopleEndpoint } from './people-endpoint.ts';
import type { ServiceFunction } from './service-function.ts';

const RUNBOOK = 'docs/runbook.md';

export type SelfWatchProps = Readonly<{
  functions: readonly ServiceFunction[];
  deadLetters: Readonly<Record<string, Queue>>;
  api: HttpApi;
  people?: PeopleEndpoint | undefined;
  discover?: ServiceFunction | undefined;
  rollup: ServiceFunction;
  emails: readonly string[];
}>;

type AlarmDraft = Readonly<{
  id: string;
  /** The chapter of the runbook; named after the id if left out. */
  chapter?: string;
  /** What the alarm means for people; its chapter of the runbook says what to do. */
  impact: string;
  metric: IMetric;
  threshold: number;
  comparison?: ComparisonOperator;
  periods?: number;
  /** How many of the periods must breach; all of them if left out. */
  breaching?: number;
  missing?: TreatMissingData;
}>;

export class SelfWatch extends Construct {
  readonly topic: Topic;
  readonly alarms: Alarm[] = [];

  constructor(scope: Construct, id: string, props: SelfWatchProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { enforceSSL: true, displayName: 'Lamplighter itself' });
    this.admitAlarms();
    for (const email of props.emails)
      Validations.of(this.topic.addSubscription(new EmailSubscription(email))).acknowledge({
        id: 'Serverless-SNSRedrivePolicy',
        reason:
          'nobody is left to be told when mail to the operators cannot be delivered; the state of the alarm remains',
      });
    this.watchRounds();
    for (const each of props.functions) this.watchFunction(each);
    this.add({
      id: 'ApiServerErrors',
      impact: 'The API answers some requests with 500, or not in time.',
      metric: props.api.metricServerError({ period: Duration.minutes(1), statistic: 'sum' }),
      threshold: 1,
      periods: 3,
    });
    if (props.people) this.watchPeople(props.people);
    if (props.discover) this.watchDiscovery(props.discover);
    this.watchRollups(props.rollup);
    for (const [name, queue] of Object.entries(props.deadLetters)) this.watchDeadLetters(name, queue);
  }

  /**
   * An alarm on a function's errors, three minutes in a row. `kind`: the word that names its chapter of the runbook.
   */
  watchFunction({ node, lambda, errorImpact }: ServiceFunction, kind = node.id): void {
    this.add({
      id: `${node.id}Errors`,
      chapter: `${kind}Errors`,
      impact: errorImpact,
      metric: lambda.metricErrors({ period: Duration.minutes(1) }),
      threshold: 1,
      periods: 3,
    });
  }

  /** An alarm on any message in this queue. */
  watchDeadLetters(name: string, queue: Queue, kind = name): void {
    this.add({
      id: `${name}DeadLetters`,
      chapter: `${kind}DeadLetters`,
      impact: 'Work was given up after several tries and waits for somebody to look at it.',
      metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: 'max' }),
      threshold: 1,
    });
  }

  /** Requiring TLS replaces a topic's default policy, which is what allowed CloudWatch to publish. */
  private admitAlarms(): void {
    const { account, region, partition } = Stack.of(this);
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        actions: ['sns:Publish'],
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        resources: [this.topic.topicArn],
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:${partition}:cloudwatch:${region}:${account}:alarm:*` },
        },
      }),
    );
  }

  private watchRounds(): void {
    this.add({
      id: 'RoundsMissing',
      impact: 'No round was planned for three minutes: nothing is checked and nothing is healed.',
      metric: own(metricNames.rounds, 'sum'),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      periods: 3,
      missing: TreatMissingData.BREACHING,
    });
    this.add({
      id: 'Coverage',
      impact: 'Fewer than 95 of 100 services that were due have been checked.',
      // Without services nothing is due, which is as it should be.
      metric: new MathExpression({
        expression: 'IF(FILL(due, 0) > 0, 100 * FILL(checked, 0) / due, 100)',
        usingMetrics: { due: own(metricNames.due, 'sum'), checked: own(metricNames.checked, 'sum') },
        period: Duration.minutes(1),
        label: 'coverage, percent',
      }),
      threshold: 95,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      periods: 3,
    });
    this.add({
      id: 'Lateness',
      impact: 'Services are checked more than a minute late.',
      metric: own(metricNames.lateness, 'max'),
      // Scheduler itself promises no more than the minute.
      threshold: 60_000,
      periods: 3,
    });
    this.add({
      id: 'UnknownVerdicts',
      impact: 'Lamplighter cannot tell how many services are: its own network or names fail.',
      metric: own(metricNames.unknown, 'sum'),
      threshold: 10,
      periods: 3,
    });
    this.add({
      id: 'FaultyItems',
      impact: 'An item of the table cannot be read; its service is not watched.',
      metric: own(metricNames.faultyItems, 'max'),
      threshold: 1,
      periods: 3,
    });
    this.add({
      id: 'OldestIntent',
      impact: 'Restarts or alerts that are owed have not been carried out for five minutes.',
      metric: own(metricNames.oldestIntent, 'max'),
      threshold: 300_000,
      periods: 3,
    });
  }

  /** People try once and give up: the first error raises the alarm, because a second one may never come. */
  private watchPeople({ api, authorize }: PeopleEndpoint): void {
    this.add({
      id: `${authorize.node.id}Errors`,
      impact: authorize.errorImpact,
      metric: authorize.lambda.metricErrors({ period: Duration.minutes(1) }),
      threshold: 1,
    });
    this.add({
      id: 'PeopleApiServerErrors',
      impact: 'The API for people answers some requests with 500, or not in time.',
      metric: api.metricServerError({ period: Duration.minutes(1), statistic: 'sum' }),
      threshold: 1,
    });
  }

  /** Discovery runs every five minutes, and twice if it fails: three minutes in a row with errors would never occur. */
  private watchDiscovery({ node, lambda, errorImpact }: ServiceFunction): void {
    this.add({
      id: `${node.id}Errors`,
      impact: errorImpact,
      metric: lambda.metricErrors({ period: Duration.minutes(1) }),
      threshold: 1,
      periods: 15,
      breaching: 3,
    });
  }

  /** The roll-up runs once an hour, twice if it fails, and catches up by itself: two runs in a row must have failed. */
  private watchRollups({ node, lambda, errorImpact }: ServiceFunction): void {
    this.add({
      id: `${node.id}Errors`,
      impact: errorImpact,
      metric: lambda.metricErrors({ period: Duration.minutes(1) }),
      threshold: 1,
      periods: 180,
      breaching: 3,
    });
  }

  private add({
    id,
    chapter = id,
    impact,
    metric,
    threshold,
    comparison,
    periods = 1,
    breaching = periods,
    missing,
  }: AlarmDraft): void {
    const alarm = new Alarm(this, id, {
      // Explicit, so that the runbook and people can name it; the stack's name keeps two deployments apart.
      alarmName: `${Stack.of(this).stackName}-${id}`,
      alarmDescription: `${impact} What to do: ${RUNBOOK}#${chapter.toLowerCase()}`,
      metric,
      threshold,
      comparisonOperator: comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      ...(breaching !== periods && { datapointsToAlarm: breaching }),
      treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
    });
    const action = new SnsAction(this.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    this.alarms.push(alarm);
  }
}
