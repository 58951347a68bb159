// What SQS answers about a message: checksums that the SDK compares, the attributes of a delivery, and the receipt.
import { createHash } from 'node:crypto';

import { sqsFault } from './inputs.ts';
import type { Message, MessageAttributes } from './queue.ts';

const md5 = (data: string | Buffer) => createHash('md5').update(data).digest('hex');

export const sentAnswer = (message: Message) => ({
  MessageId: message.id,
  MD5OfMessageBody: md5(message.body),
  MD5OfMessageAttributes: md5OfAttributes(message.attributes),
});

/** All attributes are returned, asked for or not; clients read those that they know. */
export const receivedAnswer = (message: Message) => ({
  MessageId: message.id,
  ReceiptHandle: receipt(message),
  Body: message.body,
  MD5OfBody: md5(message.body),
  MD5OfMessageAttributes: md5OfAttributes(message.attributes),
  MessageAttributes: Object.keys(message.attributes).length > 0 ? message.attributes : undefined,
  Attributes: {
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    SentTimestamp: String(message.sentAt),
    SenderId: '000000000000',
    DeadLetterQueueSourceArn: message.deadLetterSource,
  },
});

const receipt = (message: Message) => Buffer.from(`${message.id}/${message.receiveCount}`).toString('base64url');

/** The message that a receipt stands for, and which time it was received. */
export function readReceipt(handle: string): { id: string; receiveCount: number } {
  const [, id, count] = /^([0-9a-f-]{36})\/(\d+)$/.exec(Buffer.from(handle, 'base64url').toString()) ?? [];
  if (id === undefined) throw sqsFault('ReceiptHandleIsInvalid', 'the receipt handle is not one of this service');
  return { id, receiveCount: Number(count) };
}

/** Amazon's checksum: name, type and value of each attribute in order of name, each preceded by its length. */
function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const parts = names.flatMap((name) => {
    const { DataType = 'String', StringValue, BinaryValue = '' } = attributes[name] ?? {};
    const isText = StringValue !== undefined;
    const value = isText ? Buffer.from(StringValue) : Buffer.from(BinaryValue, 'base64');
    return [measured(name), measured(DataType), Buffer.from([isText ? 1 : 2]), measured(value)];
  });
  return md5(Buffer.concat(parts));
}

function measured(data: string | Buffer): Buffer {
  const bytes = Buffer.from(data);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
