// Receivers that alerts are posted to: for each, a queue behind the topic, and a function that may read that queue and
// the one secret with the receiver's address. Only if the settings name some.
import { Construct } from 'constructs';

import { DELIVERY_TRIES } from '../lambdas/contract/delivery.ts';
import type { WebhookSettings } from './alert-settings.ts';
import type { AlertTopic } from './alert-topic.ts';
import { type Functions, visibilityOf } from './functions.ts';
import { toReadParameter, toReadSecret } from './rights/secrets.ts';
import type { SelfWatch } from './self-watch.ts';
import { WorkQueue } from './work-queue.ts';

export type AlertReceiversProps = Readonly<{
  topic: AlertTopic;
  functions: Functions;
  selfWatch: SelfWatch;
  webhooks: readonly WebhookSettings[];
}>;

export class AlertReceivers extends Construct {
  constructor(scope: Construct, id: string, { webhooks, ...parts }: AlertReceiversProps) {
    super(scope, id);
    for (const webhook of webhooks) this.add(webhook, parts);
  }

  private add(
    { name, format, secret, ...filter }: WebhookSettings,
    parts: Omit<AlertReceiversProps, 'webhooks'>,
  ): void {
    const { topic, functions, selfWatch } = parts;
    const own = partsOf(name);
    const work = new WorkQueue(this, own, { visibility: visibilityOf('deliver'), tries: DELIVERY_TRIES });
    topic.feeds(work.queue, filter);
    const deliver = functions.addDeliver(`Deliver${own}`, {
      LAMPLIGHTER_DELIVER_QUEUE_URL: work.queue.queueUrl,
      LAMPLIGHTER_RECEIVER: JSON.stringify({ name, format, secret }),
    });
    // One message per invocation, two at once: chats limit messages per minute.
    work.feeds(deliver, { batchSize: 1, maxConcurrency: 2 });
    deliver.allow(...(secret.startsWith('/') ? [toReadParameter(this, secret)] : toReadSecret(this, secret)));
    selfWatch.watchFunction(deliver, 'Deliver');
    selfWatch.watchDeadLetters(`Deliver${own}`, work.deadLetters, 'Deliver');
  }
}

/** `ops-chat` → `OpsChat`; names are restricted so that no two become the same. */
const partsOf = (name: string) =>
  name
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
