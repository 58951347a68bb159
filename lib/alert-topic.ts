// The topic that people subscribe to; levels are sorted by filter policies, not by code.
import { Topic, TracingConfig } from 'aws-cdk-lib/aws-sns';
import { SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, SmsSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

import type { Settings } from './settings.ts';

export class AlertTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, alerts: Settings['alerts']) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      enforceSSL: true,
      displayName: 'Lamplighter',
      tracingConfig: TracingConfig.PASS_THROUGH,
    });
    for (const { address, levels } of alerts.email)
      this.topic.addSubscription(new EmailSubscription(address, filterOf(levels)));
    for (const { number, levels } of alerts.sms)
      this.topic.addSubscription(new SmsSubscription(number, filterOf(levels)));
    for (const { url, levels } of alerts.https) this.topic.addSubscription(new UrlSubscription(url, filterOf(levels)));
  }
}

const filterOf = (levels: readonly string[] | undefined) =>
  levels && { filterPolicy: { level: SubscriptionFilter.stringFilter({ allowlist: [...levels] }) } };
