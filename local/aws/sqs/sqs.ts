// SQS of one-machine mode, as the SDK's SQS client and the AWS CLI know it: standard queues with delays, visibility
// timeouts, long polling and dead-letter queues, kept on disk.
import { AwsFault, type JsonService } from '../wire.ts';
import { readReceipt, receivedAnswer, sentAnswer } from './answers.ts';
import { checkBatch, decode, inputs, MESSAGE_BYTES, sqsFault } from './inputs.ts';
import type { MessageAttributes, Queue } from './queue.ts';
import { openQueues, type QueueEntry, type SqsSettings } from './registry.ts';

export type LocalSqs = Readonly<{
  service: JsonService;
  /** Puts a message on a queue from inside, as SNS does; rejects if there is no such queue. */
  sendToArn(arn: string, body: string, attributes: MessageAttributes): Promise<void>;
  /** Ends every long poll and every timer; call it before the storage closes. */
  close(): void;
}>;
type Sending = { MessageBody: string; DelaySeconds?: number | undefined; MessageAttributes: MessageAttributes };

export async function openSqs(settings: SqsSettings): Promise<LocalSqs> {
  const { now = Date.now } = settings;
  const queues = await openQueues(settings);
  const { find } = queues;

  async function sendOne({ queue, attributes }: QueueEntry, message: Sending) {
    if (Buffer.byteLength(message.MessageBody) > MESSAGE_BYTES)
      throw sqsFault('InvalidParameterValue', `Message must be shorter than ${MESSAGE_BYTES} bytes.`);
    const delaySeconds = message.DelaySeconds ?? Number(attributes.DelaySeconds ?? 0);
    return sentAnswer(await queue.send(message.MessageBody, message.MessageAttributes, delaySeconds * 1000));
  }

  async function sendBatch(input: unknown) {
    const { QueueUrl, Entries } = decode(inputs.sendBatch, input);
    const entry = find(QueueUrl);
    checkBatch(Entries);
    const size = Entries.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(String(MessageBody)), 0);
    if (size > MESSAGE_BYTES)
      throw sqsFault('BatchRequestTooLong', `the entries together exceed ${MESSAGE_BYTES} bytes`);
    return await each(Entries, async (one) => await sendOne(entry, decode(inputs.sendEntry, one)));
  }

  async function receive(input: unknown) {
    const { QueueUrl, MaxNumberOfMessages, WaitTimeSeconds, VisibilityTimeout } = decode(inputs.receive, input);
    const { queue, attributes } = find(QueueUrl);
    const visibility = VisibilityTimeout ?? Number(attributes.VisibilityTimeout ?? 30);
    const wait = WaitTimeSeconds ?? Number(attributes.ReceiveMessageWaitTimeSeconds ?? 0);
    const messages = await queue.receive(MaxNumberOfMessages, visibility * 1000, wait * 1000);
    return messages.length > 0 ? { Messages: messages.map(receivedAnswer) } : {};
  }

  /** An old receipt, or one of a deleted message, is no error: SQS answers the same. */
  async function removeOne(queue: Queue, handle: string) {
    const { id, receiveCount } = readReceipt(handle);
    if (queue.held(id, receiveCount)) await queue.remove(id);
    return {};
  }

  async function removeBatch(input: unknown) {
    const { QueueUrl, Entries } = decode(inputs.removeBatch, input);
    const { queue } = find(QueueUrl);
    checkBatch(Entries);
    return await each(Entries, async ({ ReceiptHandle }) => await removeOne(queue, ReceiptHandle));
  }

  async function changeVisibility(input: unknown) {
    const { QueueUrl, ReceiptHandle, VisibilityTimeout } = decode(inputs.changeVisibility, input);
    const { queue } = find(QueueUrl);
    const { id, receiveCount } = readReceipt(ReceiptHandle);
    const message = queue.held(id, receiveCount);
    if (!message || message.visibleAt <= now()) throw sqsFault('MessageNotInflight', 'the message is not in flight');
    await queue.hide(message, VisibilityTimeout * 1000);
  }

  const operations: JsonService['operations'] = {
    CreateQueue: queues.createQueue,
    GetQueueUrl: queues.getUrl,
    ListQueues: queues.listQueues,
    GetQueueAttributes: queues.getAttributes,
    SetQueueAttributes: queues.setAttributes,
    SendMessage: async (input) => {
      const message = decode(inputs.send, input);
      return await sendOne(find(message.QueueUrl), message);
    },
    SendMessageBatch: sendBatch,
    ReceiveMessage: receive,
    DeleteMessage: async (input) => {
      const { QueueUrl, ReceiptHandle } = decode(inputs.remove, input);
      return await removeOne(find(QueueUrl).queue, ReceiptHandle);
    },
    DeleteMessageBatch: removeBatch,
    ChangeMessageVisibility: changeVisibility,
    PurgeQueue: async (input) => await find(decode(inputs.queue, input).QueueUrl).queue.purge(),
  };
  return {
    service: { target: 'AmazonSQS', operations },
    sendToArn: async (arn, body, attributes) => void (await find(arn).queue.send(body, attributes, 0)),
    close: queues.close,
  };
}

/** Each entry on its own: the failed ones are named in `Failed`, the others are done. */
async function each<T extends { Id: string }>(entries: readonly T[], act: (entry: T) => Promise<object>) {
  const Successful: object[] = [];
  const Failed: object[] = [];
  const one = async (entry: T) => {
    try {
      Successful.push({ Id: entry.Id, ...(await act(entry)) });
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code.split('#').at(-1), Message: error.message });
    }
  };
  await Promise.all(entries.map(one));
  return { Successful, Failed };
}
