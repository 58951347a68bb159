// The requests that the local SSM understands. A field that is not here is refused rather than ignored: a caller that
// relies on it would otherwise believe that it works.
import * as z from 'zod';

import { AwsFault } from '../wire.ts';

const commandId = z.string().min(1);
const page = { MaxResults: z.int().min(1).max(50).default(50), NextToken: z.string().regex(/^\d+$/).optional() };
const commandFilters = z
  .array(
    z.strictObject({ key: z.enum(['InvokedAfter', 'InvokedBefore', 'Status', 'DocumentName']), value: z.string() }),
  )
  .default([]);

const documentVersion = z
  .string()
  .regex(/^([$]LATEST|[$]DEFAULT|[1-9][0-9]*)$/)
  .default('$DEFAULT');

export const inputs = {
  send: z.strictObject({
    DocumentName: z.string().min(1),
    DocumentVersion: documentVersion,
    InstanceIds: z.array(z.string()).min(1).max(50),
    Parameters: z.record(z.string(), z.array(z.string())).default({}),
    Comment: z.string().max(100).default(''),
    TimeoutSeconds: z.int().min(30).max(2_592_000).default(3_600),
  }),
  invocation: z.strictObject({ CommandId: commandId, InstanceId: z.string(), PluginName: z.string().optional() }),
  list: z.strictObject({
    CommandId: commandId.optional(),
    InstanceId: z.string().optional(),
    Filters: commandFilters,
    Details: z.boolean().optional(),
    ...page,
  }),
  cancel: z.strictObject({ CommandId: commandId, InstanceIds: z.array(z.string()).default([]) }),
  instances: z.strictObject({
    Filters: z
      .array(z.strictObject({ Key: z.enum(['InstanceIds', 'PingStatus']), Values: z.array(z.string()).min(1) }))
      .default([]),
    MaxResults: z.int().min(5).max(50).default(50),
    NextToken: page.NextToken,
  }),
  document: z.strictObject({
    Name: z.string(),
    DocumentVersion: documentVersion,
    DocumentFormat: z.literal('JSON').optional(),
  }),
  documents: z.strictObject({ ...page }),
  get: z.strictObject({ Name: z.string().min(1), WithDecryption: z.boolean().default(false) }),
  put: z.strictObject({
    Name: z.string().regex(/^\/?[A-Za-z0-9_.\-/]+$/),
    Value: z.string().min(1).max(4_096),
    Type: z.enum(['String', 'StringList', 'SecureString']).default('String'),
    Overwrite: z.boolean().default(false),
  }),
} as const;

/** Decodes a request, or throws the error that AWS returns for one it cannot read. */
export function decode<T>(schema: z.ZodType<T>, input: unknown): T {
  const decoded = schema.safeParse(input);
  if (decoded.success) return decoded.data;
  throw new AwsFault('ValidationException', z.prettifyError(decoded.error));
}

/** One page of a list, with the token of the next. */
export function pageOf<T>(
  all: readonly T[],
  { MaxResults, NextToken }: { MaxResults: number; NextToken?: string | undefined },
) {
  const from = Number(NextToken ?? 0);
  const to = from + MaxResults;
  return { items: all.slice(from, to), NextToken: to < all.length ? String(to) : undefined };
}
