// What SQS accepts, as schemas: the limits are AWS's own, so that what works on one machine works in the cloud.
import * as z from 'zod';

import { AwsFault } from '../wire.ts';
import { messageAttributesSchema } from './queue.ts';

export const MESSAGE_BYTES = 1024 * 1024;

export const sqsFault = (name: string, message: string) => new AwsFault(`com.amazonaws.sqs#${name}`, message);

const delay = z.int().min(0).max(900);
const visibility = z.int().min(0).max(43_200);
const numeral = (most: number) =>
  z.string().refine((text) => /^\d+$/.test(text) && Number(text) <= most, `must be a whole number up to ${most}`);

const redrivePolicySchema = z.object({
  deadLetterTargetArn: z.string(),
  maxReceiveCount: z.coerce.number().int().min(1),
});
export type RedrivePolicy = z.infer<typeof redrivePolicySchema>;

/** `undefined` for an empty text, with which SQS removes a policy. */
export function readRedrivePolicy(text: string | undefined): RedrivePolicy | undefined {
  if (!text) return undefined;
  const found = z.string().transform((value, issues): unknown => {
    try {
      return JSON.parse(value);
    } catch {
      issues.addIssue('is not JSON');
      return z.NEVER;
    }
  });
  const parsed = found.pipe(redrivePolicySchema).safeParse(text);
  if (!parsed.success) throw sqsFault('InvalidAttributeValue', `RedrivePolicy: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The attributes that have an effect here; the others are stored and returned. */
export const attributesSchema = z
  .object({
    DelaySeconds: numeral(900),
    VisibilityTimeout: numeral(43_200),
    MessageRetentionPeriod: numeral(1_209_600),
    ReceiveMessageWaitTimeSeconds: numeral(20),
    RedrivePolicy: z.string(),
  })
  .partial()
  .catchall(z.string());
export type QueueAttributes = z.infer<typeof attributesSchema>;

const queueName = z.string().regex(/^[A-Za-z0-9_-]{1,80}$/);
const QueueUrl = z.string();
const message = {
  MessageBody: z.string().min(1),
  DelaySeconds: delay.optional(),
  MessageAttributes: messageAttributesSchema.default({}),
};
const entryId = z.string();

export const inputs = {
  createQueue: z.object({ QueueName: queueName, Attributes: attributesSchema.default({}) }),
  getQueueUrl: z.object({ QueueName: z.string() }),
  listQueues: z.object({ QueueNamePrefix: z.string().default('') }),
  queue: z.object({ QueueUrl }),
  getAttributes: z.object({ QueueUrl, AttributeNames: z.array(z.string()).default([]) }),
  setAttributes: z.object({ QueueUrl, Attributes: attributesSchema }),
  send: z.object({ QueueUrl, ...message }),
  sendBatch: z.object({ QueueUrl, Entries: z.array(z.looseObject({ Id: entryId })).default([]) }),
  sendEntry: z.object({ Id: entryId, ...message }),
  receive: z.object({
    QueueUrl,
    MaxNumberOfMessages: z.int().min(1).max(10).default(1),
    WaitTimeSeconds: z.int().min(0).max(20).optional(),
    VisibilityTimeout: visibility.optional(),
  }),
  remove: z.object({ QueueUrl, ReceiptHandle: z.string() }),
  removeBatch: z.object({
    QueueUrl,
    Entries: z.array(z.object({ Id: entryId, ReceiptHandle: z.string() })).default([]),
  }),
  changeVisibility: z.object({ QueueUrl, ReceiptHandle: z.string(), VisibilityTimeout: visibility }),
};

/** The decoded input; throws the error that SQS returns. */
export function decode<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw sqsFault('InvalidParameterValue', z.prettifyError(parsed.error));
}

/** SQS's own rules for the entries of a batch. */
export function checkBatch(entries: readonly { Id: string }[]): void {
  if (entries.length === 0) throw sqsFault('EmptyBatchRequest', 'there must be at least one entry');
  if (entries.length > 10) throw sqsFault('TooManyEntriesInBatchRequest', 'there may be at most ten entries');
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length)
    throw sqsFault('BatchEntryIdsNotDistinct', 'two entries have the same Id');
  if (!entries.every(({ Id }) => /^[A-Za-z0-9_-]{1,80}$/.test(Id)))
    throw sqsFault('InvalidBatchEntryId', 'an Id is made of letters, digits, hyphens and underscores');
}
