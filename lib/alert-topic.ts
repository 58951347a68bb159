// The topic that people subscribe to; levels are sorted by filter policies, not by code.
import { Validations } from 'aws-cdk-lib';
import { Topic, TracingConfig } from 'aws-cdk-lib/aws-sns';
import { SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import {
  EmailSubscription,
  SmsSubscription,
  type SmsSubscriptionProps,
  UrlSubscription,
} from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

import { DeadLetterQueue } from './dead-letter-queue.ts';
import type { Settings } from './settings.ts';

export class AlertTopic extends Construct {
  readonly topic: Topic;
  /** What a subscriber did not take, after all of SNS's own attempts. */
  readonly undelivered: DeadLetterQueue;

  constructor(scope: Construct, id: string, alerts: Settings['alerts']) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      enforceSSL: true,
      displayName: 'Lamplighter',
      tracingConfig: TracingConfig.PASS_THROUGH,
    });
    this.undelivered = new DeadLetterQueue(this, 'Undelivered');
    const deadLetterQueue = this.undelivered;
    const terms = (levels: readonly string[] | undefined) => ({ deadLetterQueue, ...filterOf(levels) });
    for (const { address, levels } of alerts.email)
      this.topic.addSubscription(new EmailSubscription(address, terms(levels)));
    for (const { number, levels } of alerts.sms) this.textTo(number, filterOf(levels));
    for (const { url, levels } of alerts.https) this.topic.addSubscription(new UrlSubscription(url, terms(levels)));
    for (const address of alerts.escalation.email)
      this.topic.addSubscription(new EmailSubscription(address, { deadLetterQueue, ...onlyEscalations }));
    for (const number of alerts.escalation.sms) this.textTo(number, onlyEscalations);
  }

  private textTo(number: string, terms: SmsSubscriptionProps | undefined): void {
    Validations.of(this.topic.addSubscription(new SmsSubscription(number, terms))).acknowledge({
      id: 'Serverless-SNSRedrivePolicy',
      reason: 'the construct for text messages knows none, and a telephone network reports nothing back anyway',
    });
  }
}

const onlyEscalations = { filterPolicy: { kind: SubscriptionFilter.stringFilter({ allowlist: ['escalation'] }) } };

const filterOf = (levels: readonly string[] | undefined) =>
  levels && { filterPolicy: { level: SubscriptionFilter.stringFilter({ allowlist: [...levels] }) } };
