// The topic that people subscribe to; filter policies, not code, sort alerts by level.
import { Validations } from 'aws-cdk-lib';
import { SubscriptionFilter, Topic, TracingConfig } from 'aws-cdk-lib/aws-sns';
import {
  EmailSubscription,
  SmsSubscription,
  type SmsSubscriptionProps,
  SqsSubscription,
  UrlSubscription,
} from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { NO_SMS } from '../lambdas/contract/alert-formats.ts';
import type { FilterSettings } from './alert-filters.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import type { Settings } from './settings.ts';

export class AlertTopic extends Construct {
  readonly topic: Topic;
  /** Holds what a subscriber did not take after all of SNS's own attempts. */
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
    const terms = (filter: FilterSettings) => ({ deadLetterQueue, ...filterOf(filter) });
    for (const { address, ...filter } of alerts.email)
      this.topic.addSubscription(new EmailSubscription(address, terms(filter)));
    for (const { number, ...filter } of alerts.sms) this.textTo(number, filterOf(filter, withinLimit));
    for (const { url, ...filter } of alerts.https) this.topic.addSubscription(new UrlSubscription(url, terms(filter)));
    for (const address of alerts.escalation.email)
      this.topic.addSubscription(new EmailSubscription(address, { deadLetterQueue, ...filterOf({}, onlyEscalations) }));
    for (const number of alerts.escalation.sms)
      this.textTo(number, filterOf({}, { ...onlyEscalations, ...withinLimit }));
  }

  /**
   * Delivers what a receiver wants to its queue, in the envelope of SNS: raw, an alert with many attributes would be
   * dropped.
   */
  feeds(queue: IQueue, filter: FilterSettings): void {
    const deadLetterQueue = this.undelivered;
    this.topic.addSubscription(new SqsSubscription(queue, { deadLetterQueue, ...filterOf(filter) }));
  }

  private textTo(number: string, terms: SmsSubscriptionProps): void {
    Validations.of(this.topic.addSubscription(new SmsSubscription(number, terms))).acknowledge({
      id: 'Serverless-SNSRedrivePolicy',
      reason: 'the construct for text messages knows none, and a telephone network reports nothing back anyway',
    });
  }
}

const onlyEscalations = { kind: SubscriptionFilter.stringFilter({ allowlist: ['escalation'] }) };
/** Notices past the month's limit have the attribute, whatever its value. */
const withinLimit = { [NO_SMS]: SubscriptionFilter.notExistsFilter() };

/** An alert must match each filter that is given. */
function filterOf({ levels, projects, tags }: FilterSettings, more: Record<string, SubscriptionFilter> = {}) {
  const wanted = Object.entries({ level: levels, project: projects, tags }).flatMap(([name, values]) =>
    values ? [[name, SubscriptionFilter.stringFilter({ allowlist: [...values] })] as const] : [],
  );
  const filterPolicy = { ...Object.fromEntries(wanted), ...more };
  return Object.keys(filterPolicy).length > 0 ? { filterPolicy } : {};
}
