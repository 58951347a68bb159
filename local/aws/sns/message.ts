// What may be published, and what a subscriber of each protocol receives.
import { randomUUID } from 'node:crypto';

import * as z from 'zod';

import type { MessageAttributes } from '../sqs/queue.ts';
import { AwsFault } from '../wire.ts';
import type { Delivery } from './delivery.ts';
import { readFilterPolicy } from './filter-policy.ts';
import { mailText, smsText } from './print.ts';
import type { Subscription } from './subscriptions.ts';
import { invalid, readEntries } from './xml.ts';

const MESSAGE_BYTES = 256 * 1024;

export type Published = Readonly<{
  id: string;
  topicArn: string;
  at: number;
  subject: string | undefined;
  /** By protocol; `default` for those that are not named. */
  texts: Readonly<Record<string, string>> & { default: string };
  attributes: MessageAttributes;
}>;

/** Entries of protocols whose text is not a string are ignored. */
const textsSchema = z.object({ default: z.string() }).catchall(z.string().catch(''));

/** Decodes a Publish by SNS's rules; throws `InvalidParameter`. */
export function readPublish(parameters: URLSearchParams, topicArn: string, at: number): Published {
  const message = parameters.get('Message') ?? '';
  if (message === '') throw invalid('Empty message');
  const attributes = readAttributes(parameters);
  if (Buffer.byteLength(message + Object.entries(attributes).flatMap(Object.values).join('')) > MESSAGE_BYTES)
    throw invalid('Message too long');
  const subject = parameters.get('Subject') ?? undefined;
  // ASCII, no control characters, at most 100, and the first is a letter, a digit or punctuation.
  if (subject !== undefined && !/^[!-~][ -~]{0,99}$/.test(subject)) throw invalid('Subject');
  return { id: randomUUID(), topicArn, at, subject, attributes, texts: readTexts(parameters, message) };
}

function readTexts(parameters: URLSearchParams, message: string): Published['texts'] {
  if (!parameters.has('MessageStructure')) return { default: message };
  if (parameters.get('MessageStructure') !== 'json') throw invalid('MessageStructure');
  let json: unknown;
  try {
    json = JSON.parse(message);
  } catch {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  const texts = textsSchema.safeParse(json);
  if (!texts.success) throw invalid('Message Structure - No default entry in JSON message body');
  return texts.data;
}

function readAttributes(parameters: URLSearchParams): MessageAttributes {
  const types = readEntries(parameters, 'MessageAttributes', 'Name', 'Value.DataType');
  const texts = readEntries(parameters, 'MessageAttributes', 'Name', 'Value.StringValue');
  const binaries = readEntries(parameters, 'MessageAttributes', 'Name', 'Value.BinaryValue');
  const attributes = types.map(([name, DataType], n) => {
    const value = DataType.startsWith('Binary') ? { BinaryValue: binaries[n]?.[1] } : { StringValue: texts[n]?.[1] };
    if (name === '' || DataType === '' || !Object.values(value)[0])
      throw new AwsFault(
        'ParameterValueInvalid',
        `The message attribute '${name}' must contain non-empty message attribute value.`,
      );
    return [name, { DataType, ...value }] as const;
  });
  return Object.fromEntries(attributes);
}

const textFor = ({ texts }: Published, protocol: string) => texts[protocol] || texts.default;

/** Whether the subscription's filter policy lets the message through. */
export function isWanted(published: Published, { protocol, attributes }: Subscription): boolean {
  if (!attributes.FilterPolicy) return true;
  const scope = attributes.FilterPolicyScope === 'MessageBody' ? 'MessageBody' : 'MessageAttributes';
  const isMatch = readFilterPolicy(attributes.FilterPolicy, scope);
  if (scope === 'MessageBody') return isMatch(parsed(textFor(published, protocol)));
  const values = Object.entries(published.attributes).map(([name, { DataType, StringValue = '' }]) => {
    const isJson = DataType.startsWith('Number') || DataType === 'String.Array';
    return [name, isJson ? parsed(StringValue) : StringValue];
  });
  return isMatch(Object.fromEntries(values));
}

/** `undefined` for text that is not JSON: it matches nothing. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The delivery to one subscriber. `origin` is the base of links; `from` the sender of mails. */
export function deliveryOf(published: Published, subscription: Subscription, origin: string, from: string): Delivery {
  const { protocol, endpoint, arn } = subscription;
  const { id, topicArn, subject, attributes } = published;
  const text = textFor(published, protocol);
  const common = { id: randomUUID(), endpoint, headers: {}, attributes: {}, attempts: 0, dueAt: published.at };
  const unsubscribeUrl = `${origin}/?Action=Unsubscribe&SubscriptionArn=${arn}`;
  if (protocol === 'sms') return { ...common, way: 'print', body: smsText(endpoint, text) };
  if (protocol === 'email') {
    const mail = { from, to: endpoint, subject: subject ?? 'AWS Notification Message', body: text, unsubscribeUrl };
    return { ...common, way: 'print', body: mailText(mail) };
  }
  const isRaw = subscription.attributes.RawMessageDelivery === 'true';
  const envelope = {
    Type: 'Notification',
    MessageId: id,
    TopicArn: topicArn,
    Subject: subject,
    Message: text,
    Timestamp: new Date(published.at).toISOString(),
    ...unsigned,
    UnsubscribeURL: unsubscribeUrl,
    MessageAttributes: asEnvelope(attributes),
  };
  const body = isRaw ? text : JSON.stringify(envelope);
  if (protocol === 'sqs') return { ...common, way: 'queue', body, attributes: isRaw ? attributes : {} };
  const headers = { ...headersOf('Notification', id, subscription), ...(isRaw && { 'x-amz-sns-rawdelivery': 'true' }) };
  return { ...common, way: 'post', body, headers };
}

/** Nobody here has Amazon's key: a receiver that checks signatures is right to refuse. */
export const unsigned = { SignatureVersion: '1', Signature: '', SigningCertURL: '' } as const;

export const headersOf = (type: string, messageId: string, { topicArn, arn }: Subscription) => ({
  'content-type': 'text/plain; charset=UTF-8',
  'user-agent': 'Amazon Simple Notification Service Agent',
  'x-amz-sns-message-type': type,
  'x-amz-sns-message-id': messageId,
  'x-amz-sns-topic-arn': topicArn,
  ...(type === 'Notification' && { 'x-amz-sns-subscription-arn': arn }),
});

function asEnvelope(attributes: MessageAttributes) {
  const named = Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => {
    return [name, { Type: DataType, Value: StringValue ?? BinaryValue }];
  });
  return named.length > 0 ? Object.fromEntries(named) : undefined;
}
