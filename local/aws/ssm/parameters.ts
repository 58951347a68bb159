// Parameter Store of the local SSM: what the settings file gives, and what PutParameter added. The second overrides the
// first, and stays. Secrets Manager's secrets are read through it, as AWS allows.
import * as z from 'zod';

import type { Storage } from '../../storage.ts';
import { AwsFault, type JsonService } from '../wire.ts';
import { decode, inputs } from './inputs.ts';

const storedSchema = z.object({ value: z.string(), type: z.string(), version: z.number(), changedAt: z.number() });
type Stored = z.infer<typeof storedSchema>;

const SECRETS = '/aws/reference/secretsmanager/';
/** Takes the place of the ciphertext of a SecureString. */
const UNREADABLE = 'AQICAHencrypted';

export function parameterOperations(
  storage: Storage,
  given: Readonly<Record<string, string>>,
  now: () => number,
): JsonService['operations'] {
  const stored = storage.collection('ssm-parameters', storedSchema);

  async function find(name: string): Promise<Stored | undefined> {
    const value = given[name];
    return (
      (await stored.get(name)) ??
      (value === undefined ? undefined : { value, type: 'SecureString', version: 1, changedAt: 0 })
    );
  }

  return {
    async GetParameter(input) {
      const { Name, WithDecryption } = decode(inputs.get, input);
      const isSecret = Name.startsWith(SECRETS);
      if (isSecret && !WithDecryption)
        throw new AwsFault('ValidationException', 'WithDecryption must be true for a secret');
      // A secret's own name may or may not begin with a slash; the reference has one slash either way.
      const found = await find(isSecret ? Name.slice(SECRETS.length) : Name);
      const parameter = found ?? (isSecret ? await find(Name.slice(SECRETS.length - 1)) : undefined);
      if (!parameter) throw new AwsFault('ParameterNotFound', `there is no parameter ${Name}`);
      const { value, type, version, changedAt } = parameter;
      const isClear = WithDecryption || type !== 'SecureString';
      return {
        Parameter: {
          Name,
          Type: isSecret ? 'SecureString' : type,
          Value: isClear ? value : UNREADABLE,
          Version: version,
          LastModifiedDate: changedAt / 1_000,
          ARN: `arn:aws:ssm:us-east-1:000000000000:parameter/${Name.replace(/^\//, '')}`,
          DataType: 'text',
        },
      };
    },

    async PutParameter(input) {
      const { Name, Value, Type, Overwrite } = decode(inputs.put, input);
      const before = await find(Name);
      if (before && !Overwrite) throw new AwsFault('ParameterAlreadyExists', `there is a parameter ${Name} already`);
      const version = (before?.version ?? 0) + 1;
      await stored.put(Name, { value: Value, type: Type, version, changedAt: now() });
      return { Version: version, Tier: 'Standard' };
    },
  };
}
