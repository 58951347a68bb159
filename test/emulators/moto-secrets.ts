// The secrets of receivers, in moto's Parameter Store and Secrets Manager: the latter by plain requests, because the
// project has no SDK client for it.
import { PutParameterCommand } from '@aws-sdk/client-ssm';

import { clientsOf, moto, REGION } from './where.ts';

/** By its name as the settings give it: with a slash in front a parameter, else a secret. */
export async function putSecret(name: string, value: string): Promise<void> {
  if (!name.startsWith('/')) {
    // What is left of an earlier run against the same emulators goes first.
    await secretsManager('DeleteSecret', { SecretId: name, ForceDeleteWithoutRecovery: true });
    const made = await secretsManager('CreateSecret', { Name: name, SecretString: value });
    if (!made.ok) throw new Error(`moto did not take the secret ${name}: ${await made.text()}`);
    return;
  }
  const { ssm } = clientsOf(moto);
  await ssm.send(new PutParameterCommand({ Name: name, Type: 'SecureString', Value: value, Overwrite: true }));
  ssm.destroy();
}

const secretsManager = (action: string, input: object) =>
  fetch(moto.origin, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `secretsmanager.${action}`,
      authorization: `AWS4-HMAC-SHA256 Credential=testing/20260101/${REGION}/secretsmanager/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(input),
  });
