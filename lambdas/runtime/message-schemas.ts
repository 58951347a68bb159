// Queue messages as they are decoded; each must satisfy the contract's type.
import * as z from 'zod';

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
}) satisfies z.ZodType<PackMessage>;

const checkMessageSchema = z.object({
  kind: z.literal('check'),
  correlationId: z.string(),
  tenant: z.string(),
  id: z.string(),
  beat: z.number(),
  intentId: z.string().optional(),
});

export const probeMessageSchema = z.discriminatedUnion('kind', [
  packMessageSchema,
  checkMessageSchema,
]) satisfies z.ZodType<ProbeMessage>;

export const restartMessageSchema = z.object({
  correlationId: z.string(),
  tenant: z.string(),
  id: z.string(),
  restartId: z.string(),
}) satisfies z.ZodType<RestartMessage>;

export const alertMessageSchema = z.object({
  correlationId: z.string(),
  tenant: z.string(),
  id: z.string(),
  intentIds: z.array(z.string()),
}) satisfies z.ZodType<AlertMessage>;
