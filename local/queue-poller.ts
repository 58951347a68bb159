// The event source mapping of one-machine mode: long-polls a queue with the real SQS client, hands batches to a
// function as Lambda would, deletes what succeeded and leaves the rest to the visibility timeout.
import { setTimeout as sleep } from 'node:timers/promises';

import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

export type PollerSettings = Readonly<{
  client: SQSClient;
  queueUrl: string;
  queueArn: string;
  /** 1 … 10 messages per invocation. */
  batchSize: number;
  /** How long a batch is hidden from others; it should exceed the function's timeout. */
  visibilitySeconds: number;
  invoke: (event: SQSEvent) => Promise<SQSBatchResponse | void>;
  /** How many invocations may be under way at once. */
  concurrency: number;
  /** A function threw, or a queue did not answer; the poller goes on by itself. */
  onError: (error: unknown) => void;
}>;
/** `stop` takes no more messages and resolves when the invocations under way have ended. */
export type Poller = Readonly<{ stop(): Promise<void> }>;

const LONG_POLL_SECONDS = 20;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export function startPoller(settings: PollerSettings): Poller {
  const { client, queueUrl, batchSize, visibilitySeconds, concurrency, onError } = settings;
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();

  async function receive(): Promise<Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: batchSize,
      WaitTimeSeconds: LONG_POLL_SECONDS,
      VisibilityTimeout: visibilitySeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    const { Messages = [] } = await client.send(command, { abortSignal: stopping.signal });
    return Messages;
  }

  async function run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!stopping.signal.aborted) {
      try {
        const messages = await receive();
        pauseMs = FIRST_PAUSE_MS;
        if (messages.length === 0) continue;
        const work = deliver(settings, messages).catch(onError);
        underWay.add(work);
        void work.finally(() => underWay.delete(work));
        if (underWay.size >= concurrency) await Promise.race(underWay);
      } catch (error) {
        if (stopping.signal.aborted) return;
        onError(error);
        await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      }
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
      await Promise.all(underWay);
    },
  };
}

async function deliver(settings: PollerSettings, messages: readonly Message[]): Promise<void> {
  const { client, queueUrl, queueArn, invoke } = settings;
  const response = await invoke({ Records: messages.map((message) => recordOf(message, queueArn)) });
  const failed = new Set(response?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier));
  // An id that is not in the batch fails the whole batch, as it does in Lambda.
  const known = new Set(messages.map(({ MessageId }) => MessageId));
  for (const id of failed)
    if (!known.has(id)) throw new Error(`the function named a failure that is not in its batch: ${id}`);
  const done = messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
  if (done.length === 0) return;
  const Entries = done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  const { Failed = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  if (Failed.length > 0) throw new Error(`${Failed.length} handled messages were not deleted: ${Failed[0]?.Code}`);
}

function recordOf(message: Message, queueArn: string): SQSRecord {
  const { Attributes: system = {}, MessageAttributes: own = {} } = message;
  const attributes = Object.entries(own).map(([name, { DataType = 'String', StringValue, BinaryValue }]) => {
    const binaryValue = BinaryValue && Buffer.from(BinaryValue).toString('base64');
    const value = {
      stringValue: StringValue,
      binaryValue,
      stringListValues: [],
      binaryListValues: [],
      dataType: DataType,
    };
    return [name, value] as const;
  });
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: {
      ApproximateReceiveCount: system.ApproximateReceiveCount ?? '1',
      SentTimestamp: system.SentTimestamp ?? '',
      SenderId: system.SenderId ?? '',
      ApproximateFirstReceiveTimestamp: system.ApproximateFirstReceiveTimestamp ?? '',
    },
    messageAttributes: Object.fromEntries(attributes),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(':')[3] ?? '',
  };
}
