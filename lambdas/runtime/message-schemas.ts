// Queue messages as they are decoded; each must satisfy the contract's type.
import * as z from 'zod/mini';

import type {
  AlertMessage,
  PackMessage,
  ProbeMessage,
  RestartMessage,
  StateChangeMessage,
  StormMessage,
  WindowMessage,
} from '../contract/messages.ts';
import { stateChangeSchema } from '../core/rounds/state-change.ts';

const shardCount = z.object({
  shard: z.int(),
  services: z.int(),
  /** Missing in messages from older versions. */
  privateServices: z._default(z.int(), 0),
  ecsServices: z.optional(z.int()),
  unhealthy: z.int(),
  fastestSeconds: z.int(),
  census: z.optional(z.string()),
  version: z.int(),
});

const packMessageSchema = z.object({
  kind: z.literal('pack'),
  correlationId: z.string(),
  beat: z.number(),
  stepSeconds: z.int(),
  shards: z.array(shardCount),
  hasStorms: z.optional(z.boolean()),
}) satisfies z.core.$ZodType<PackMessage>;

const checkMessageSchema = z.object({
  kind: z.literal('check'),
  correlationId: z.string(),
  tenant: z.string(),
  id: z.string(),
  beat: z.number(),
  intentId: z.optional(z.string()),
  isForwarded: z.optional(z.boolean()),
});

/** Our own messages have a `kind`; one without is an event that EventBridge has put on the queue as it is. */
export const probeMessageSchema = z.union([
  z.discriminatedUnion('kind', [packMessageSchema, checkMessageSchema]),
  stateChangeSchema,
]) satisfies z.core.$ZodType<ProbeMessage | StateChangeMessage>;

export const restartMessageSchema = z.object({
  correlationId: z.string(),
  tenant: z.string(),
  id: z.string(),
  restartId: z.string(),
}) satisfies z.core.$ZodType<RestartMessage>;

const serviceAlertSchema = z.object({
  correlationId: z.string(),
  tenant: z.string(),
  id: z.string(),
  intentIds: z.array(z.string()),
}) satisfies z.core.$ZodType<AlertMessage>;

const stormMessageSchema = z.object({
  kind: z.literal('storm'),
  correlationId: z.string(),
  stormId: z.string(),
}) satisfies z.core.$ZodType<StormMessage>;

const windowMessageSchema = z.object({
  kind: z.literal('window'),
  correlationId: z.string(),
  tenant: z.string(),
  project: z.nullable(z.string()),
  windowId: z.string(),
}) satisfies z.core.$ZodType<WindowMessage>;

/** The message about what is pending for a service has no `kind`, because it once was the only one. */
export const alertMessageSchema = z.union([stormMessageSchema, windowMessageSchema, serviceAlertSchema]);

/** What SNS puts on the queue of a receiver: the document for machines, as text in an envelope. */
export const topicMessageSchema = z.object({ Message: z.string() });
