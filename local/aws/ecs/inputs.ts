// What the operations of the local ECS are asked, decoded; a wrong request gets the fault that ECS would give.
import type * as z from 'zod';

import { AwsFault } from '../wire.ts';

/** What the schema makes of the input; throws the fault that names what is wrong with it. */
export function decode<T>(schema: z.ZodType<T>, input: unknown): T {
  const { data, error } = schema.safeParse(input);
  if (error) throw invalid(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  return data;
}

export const invalid = (message: string) => new AwsFault('InvalidParameterException', message);
