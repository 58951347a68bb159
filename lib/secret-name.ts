// How settings name a secret.
import * as z from 'zod';

/** The name becomes part of a path, because the secret is read through Parameter Store. */
export const secretName = z
  .string()
  .regex(/^(?!.*\.\.)[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*){0,10}$/, 'must be the name of a secret such as a/b')
  .max(200)
  .refine(
    (name) => !name.startsWith('lamplighter/probe/'),
    'must not lie below lamplighter/probe/, where whoever registers a service may use secrets',
  );
