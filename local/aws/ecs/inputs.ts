// Decodes the requests to the local ECS; a wrong one gets the error that ECS would return.
import type * as z from 'zod';

import { AwsFault } from '../wire.ts';

/** Decodes the input with the schema; throws the error that names what is wrong with it. */
export function decode<T>(schema: z.ZodType<T>, input: unknown): T {
  const { data, error } = schema.safeParse(input);
  if (error) throw invalid(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  return data;
}

export const invalid = (message: string) => new AwsFault('InvalidParameterException', message);
