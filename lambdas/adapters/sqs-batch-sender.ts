// Sends any number of messages to one queue in as few calls as SQS allows. It reports refused messages instead of
// throwing, so that one bad message never holds back the others.
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';

import { isTransientFault } from './aws-fault.ts';
import { inCalls } from './in-calls.ts';

/** `about` is returned with a refusal, so that the caller knows whose message it was. */
export type QueueEntry<T> = Readonly<{ body: unknown; delaySeconds: number; about: T }>;
export type Refusal<T> = Readonly<{ about: T; reason: string; isTransient: boolean; cause?: unknown }>;

/** Limits of one call, its bodies together; every SQS, older ones too, accepts this much. */
const PER_CALL = { entries: 10, bytes: 256 * 1024 };
const LONGEST_DELAY_SECONDS = 900;

type Packed<T> = Readonly<{ about: T; body: string; delaySeconds: number; bytes: number }>;

/**
 * Returns what the queue did not take; empty if all went well. Every entry is tried, whatever happens to the others.
 */
export async function sendAll<T>(
  client: SQSClient,
  queueUrl: string,
  entries: readonly QueueEntry<T>[],
  signal: AbortSignal,
): Promise<readonly Refusal<T>[]> {
  const calls = inCalls(entries.map(packed), PER_CALL).map((call) => sendOne(client, queueUrl, call, signal));
  return (await Promise.all(calls)).flat();
}

async function sendOne<T>(client: SQSClient, queueUrl: string, call: readonly Packed<T>[], signal: AbortSignal) {
  const Entries = call.map(({ body, delaySeconds }, index) => ({
    Id: String(index),
    MessageBody: body,
    DelaySeconds: Math.min(LONGEST_DELAY_SECONDS, Math.max(0, Math.ceil(delaySeconds))),
  }));
  try {
    const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries });
    const { Successful = [], Failed = [] } = await client.send(command, { abortSignal: signal });
    const taken = new Set(Successful.map(({ Id }) => Id));
    return call.flatMap(({ about }, index): Refusal<T>[] => {
      if (taken.has(String(index))) return [];
      const failed = Failed.find(({ Id }) => Id === String(index));
      return [{ about, reason: failed?.Code ?? 'not answered for', isTransient: failed?.SenderFault !== true }];
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.name : 'fault';
    return call.map(({ about }): Refusal<T> => ({ about, reason, isTransient: isTransientFault(cause), cause }));
  }
}

function packed<T>({ about, body, delaySeconds }: QueueEntry<T>): Packed<T> {
  const text = JSON.stringify(body);
  return { about, body: text, delaySeconds, bytes: Buffer.byteLength(text) };
}

/**
 * A queue did not take a message. Nothing is lost: the work is still in the service's item, or the caller repeats it.
 */
export class QueueError extends Error {
  override readonly name = 'QueueError';
  readonly isTransient: boolean;
  constructor(refusals: readonly Refusal<string>[]) {
    const what = refusals.map(({ about, reason }) => `${about} (${reason})`).join(', ');
    super(`the queue did not take ${what}`, { cause: refusals[0]?.cause });
    this.isTransient = refusals.every(({ isTransient }) => isTransient);
  }
}
