// Called by API Gateway before a request to the API for people, at most once a minute and header. May read one secret.
import { SSMClient } from '@aws-sdk/client-ssm';

import { createPowertoolsLog } from '../adapters/powertools-log.ts';
import { scryptPasswords } from '../adapters/scrypt-passwords.ts';
import { ssmSecretSource } from '../adapters/ssm-secret-source.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { functionEnv } from '../contract/env.ts';
import { authorizerEntry } from '../runtime/authorizer-entry.ts';
import { lazy } from '../runtime/lazy.ts';
import { readEnv } from '../runtime/read-env.ts';
import { authorize } from './authorize.ts';

const ports = lazy(() => {
  const env = readEnv(functionEnv.authorize, process.env);
  const secretName = env.LAMPLIGHTER_PEOPLE_SECRET;
  return {
    secrets: ssmSecretSource(new SSMClient({}), systemClock, `/${secretName}`),
    secretName,
    passwords: scryptPasswords,
    log: createPowertoolsLog('authorize'),
  };
});

export const handler = authorizerEntry(
  (knock, { signal }) => authorize(knock, ports(), signal),
  () => undefined,
);
