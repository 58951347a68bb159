// Reads secrets from Parameter Store, and through it from Secrets Manager. Reads below its prefix only; by default that
// of probes.
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';

import type { SecretSource } from '../ports/prober.ts';
import type { Clock } from '../ports/process.ts';

const PREFIX = '/lamplighter/probe/';
const REMEMBERED_MS = 60_000;
const PATIENCE_MS = 5_000;

/** Names what could not be read, never the value or the AWS service's own message. */
class SecretSourceError extends Error {
  override readonly name = 'SecretSourceError';
}

/**
 * A value is kept in memory for a minute: the services of a pack often share a key, and Parameter Store allows 40 reads
 * a second. Callers at the same time share one read, so no single caller's signal ends it; failures are not kept.
 * `{{secret:/lamplighter/probe/x}}` is the secret `lamplighter/probe/x`, read as a parameter through
 * `/aws/reference/secretsmanager`, so that one client and one call serve both.
 */
export function ssmSecretSource(client: SSMClient, clock: Clock, prefix = PREFIX): SecretSource {
  const remembered = new Map<string, { value: Promise<string>; until: number }>();

  const fetch = async (name: string): Promise<string> => {
    try {
      const abortSignal = AbortSignal.timeout(PATIENCE_MS);
      const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }), {
        abortSignal,
      });
      if (Parameter?.Value !== undefined) return Parameter.Value;
    } catch (error) {
      remembered.delete(name);
      const code = error instanceof Error ? error.name : 'unknown error';
      throw new SecretSourceError(`${name} could not be read: ${code}`);
    }
    remembered.delete(name);
    throw new SecretSourceError(`${name} has no value`);
  };

  return {
    async read(kind, name, signal) {
      if (!name.startsWith(prefix)) throw new SecretSourceError(`${name} is not below ${prefix}`);
      const parameter = kind === 'secret' ? `/aws/reference/secretsmanager${name}` : name;
      const now = clock.now();
      const known = remembered.get(parameter);
      if (known && now < known.until) return await unlessAborted(known.value, signal);
      const value = fetch(parameter);
      remembered.set(parameter, { value, until: now + REMEMBERED_MS });
      return await unlessAborted(value, signal);
    },
  };
}

function unlessAborted(value: Promise<string>, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new SecretSourceError('the read was cut off'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    value.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
