// The deployed HTTP API as a client sees it, and the deployed parts looked at from outside.
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';

import { type LogEvent, logEvents } from './ministack-api.ts';

export type Answer = { status: number; body: Record<string, unknown> };

export function apiAt(url: string) {
  return async function ask(method: string, path: string, document?: unknown): Promise<Answer> {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(document === undefined ? {} : { body: JSON.stringify(document) }),
      headers: { 'content-type': 'application/json' },
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  };
}

/**
 * When rounds were packed since `since` (epoch ms), by the time in the metric that the schedule function emitted. MiniStack
 * may find what a function wrote last only when it runs again, a minute later, and logs it then.
 */
export async function roundsSince(since: number): Promise<number[]> {
  const events = await logEvents('FunctionsSchedule', since);
  return events
    .filter(({ message }) => message.includes('"RoundsPacked":'))
    .map(({ message }) => (JSON.parse(message) as { _aws: { Timestamp: number } })._aws.Timestamp)
    .filter((at) => at >= since);
}
/** For the line of a round that has just begun, or of the next one, which brings it. */
export const ROUND_WITHIN_MS = 150_000;

/** How often each function ran since then, and for how long: as MiniStack measured it, which is no measure of Lambda. */
export async function timesSince(since: number): Promise<string[]> {
  const lines = ['Schedule', 'Probe', 'Restart', 'Alert'].map(async (name) => {
    const events = await logEvents(`Functions${name}Logs`, since);
    const times = events
      .flatMap(({ message }) => /^REPORT .*\tDuration: (\d+) ms/.exec(message)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
    const at = (share: number) => times[Math.floor((times.length - 1) * share)] ?? 0;
    return `${name.toLowerCase()}: ran ${times.length} times, ${at(0.5)} ms in the middle, ${at(1)} ms at most`;
  });
  return await Promise.all(lines);
}

/** Everything in the logs of all functions that tells of a failure. */
export async function errorsSince(since: number): Promise<string[]> {
  const isError = ({ message }: LogEvent) => /"level":"ERROR"|"errorType"|Task timed out|\tERROR\t/.test(message);
  return (await logEvents('Functions', since)).filter(isError).map(({ message }) => message);
}

const lengthNames = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/** How many messages lie in each queue: waiting, being worked on, or delayed. */
export async function queueLengths(sqs: SQSClient, urls: readonly string[]): Promise<Record<string, number>> {
  const lengths = urls.map(async (QueueUrl) => {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    const { Attributes = {} } = await sqs.send(command);
    return [
      QueueUrl.split('/').at(-1) ?? '',
      lengthNames.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0),
    ] as const;
  });
  return Object.fromEntries(await Promise.all(lengths));
}
