// Publishes notices to the alert topic: one call, one text per kind of subscriber.
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';

import type { AlertSink } from '../ports/alerts.ts';
import { cameToNothing, isTransientFault } from './aws-fault.ts';

/** What was told must still be struck off, others wait to be told, and the event bus after them. */
const PATIENCE_MS = 5_000;

/** SNS did not take a notice. Transient: publish it again; otherwise the topic, the right or the notice is at fault. */
class AlertError extends Error {
  override readonly name = 'AlertError';
  readonly isTransient: boolean;
  readonly wasRefused: boolean;
  constructor(subject: string, cause: unknown, tries: readonly unknown[]) {
    super(`"${subject}" was not published: ${cause instanceof Error ? cause.name : 'fault'}`, { cause });
    this.isTransient = isTransientFault(cause);
    this.wasRefused = tries.every(cameToNothing);
  }
}

type SnsSettings = Readonly<{ client: SNSClient; topicArn: string; patienceMs?: number }>;

/** That SNS took a notice says nothing about any mailbox: a subscriber's failures never reach the publisher. */
export function createSnsAlertSink({ client, topicArn, patienceMs = PATIENCE_MS }: SnsSettings): AlertSink {
  return {
    async publish({ subject, email, sms, json, attributes }, signal) {
      // SNS refuses an empty value, and with it the whole notice.
      const named = Object.entries(attributes).filter(([, value]) => value.length > 0);
      const typed = named.map(([name, value]) => [name, typedValue(value)]);
      const command = new PublishCommand({
        TopicArn: topicArn,
        Subject: subject,
        MessageStructure: 'json',
        // Who is no reader of mail or SMS is a machine.
        Message: JSON.stringify({ default: json, email, sms }),
        MessageAttributes: Object.fromEntries(typed),
      });
      const tries = failedTries(command);
      try {
        await client.send(command, { abortSignal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) });
      } catch (cause) {
        throw new AlertError(subject, cause, tries);
      }
    },
  };
}

/**
 * What every try of this call will have failed with. The SDK tries again by itself and throws the last error only, while
 * SNS may have taken the notice at a try before it. The lowest priority puts this inside of what tries again.
 */
function failedTries(command: PublishCommand): readonly unknown[] {
  const tries: unknown[] = [];
  command.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        tries.push(error);
        throw error;
      }
    },
    { step: 'finalizeRequest', priority: 'low', name: 'failedTries' },
  );
  return tries;
}

const typedValue = (value: string | readonly string[]) =>
  typeof value === 'string'
    ? { DataType: 'String', StringValue: value }
    : { DataType: 'String.Array', StringValue: JSON.stringify(value) };
