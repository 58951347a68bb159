// Queue messages as they are decoded; each must satisfy the contract's type.
import * as z from 'zod/mini';

import type { AlertMessage, PackMessage, ProbeMessage, RestartMessage } from '../contract/messages.ts';

const shardCount = z.object({
  shard: z.int(),
  services: z.int(),
  unhealthy: z.int(),
  fastestSeconds: z.int(),
  version: z.int(),
});

const packMessageSchema = z.object({
  kind: z.literal('pack'),
  correlationId: z.string(),
  beat: z.number(),
  stepSeconds: z.int(),
  shards: z.array(shardCount),
}) satisfies z.core.$ZodType<PackMessage>;

const checkMessageSchema = z.object({
  kind: z.literal('check'),
  correlationId: z.string(),
  tenant: z.string(),
  id: z.string(),
  beat: z.number(),
  intentId: z.optional(z.string()),
});

export const probeMessageSchema = z.discriminatedUnion('kind', [
  packMessageSchema,
  checkMessageSchema,
]) satisfies z.core.$ZodType<ProbeMessage>;

export const restartMessageSchema = z.object({
  correlationId: z.string(),
  tenant: z.string(),
  id: z.string(),
  restartId: z.string(),
}) satisfies z.core.$ZodType<RestartMessage>;

export const alertMessageSchema = z.object({
  correlationId: z.string(),
  tenant: z.string(),
  id: z.string(),
  intentIds: z.array(z.string()),
}) satisfies z.core.$ZodType<AlertMessage>;
