// Publishes notices to the alert topic: one call, one text per kind of subscriber.
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';

import type { AlertSink } from '../ports/alerts.ts';
import { cameToNothing, isTransientFault } from './aws-fault.ts';

/** Limited, because alerts that were sent must still be struck off, others wait, and the event bus comes after them. */
const PATIENCE_MS = 5_000;

/**
 * SNS did not take a notice. If transient, publish it again; otherwise the topic, the right or the notice is at fault.
 */
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

/** That SNS took a notice says nothing about any mailbox: the publisher never hears of a subscriber's failures. */
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
        // Subscribers other than mail and SMS are machines.
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
 * Collects the errors of every try of this call. The SDK retries by itself and throws only the last error, although SNS
 * may have taken the notice at an earlier try. The lowest priority places this inside the retry middleware.
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
