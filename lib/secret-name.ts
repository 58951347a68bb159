// How a secret is named in the settings.
import * as z from 'zod';

/** The secret is read through Parameter Store, by its name in a path. */
export const secretName = z
  .string()
  .regex(/^(?!.*\.\.)[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*){0,10}$/, 'must be the name of a secret such as a/b')
  .max(200)
  .refine(
    (name) => !name.startsWith('lamplighter/probe/'),
    'must not lie below lamplighter/probe/, where whoever registers a service may use secrets',
  );
