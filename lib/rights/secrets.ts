// Rights to read secrets: below a prefix, or one by its name.
import type { Construct } from 'constructs';

import { type Right, right } from './right.ts';

/** Secrets of probes, below their prefix and nowhere else. */
export function toReadProbeSecrets(scope: Construct): Right[] {
  const reason = 'secrets are named by people as they register services; the prefix is what keeps all others out';
  return [
    right(scope, 'ProbeParameters', 'ssm:GetParameter', [
      { service: 'ssm', name: 'parameter/lamplighter/probe/*', reason },
      // The way through Parameter Store to Secrets Manager.
      { service: 'ssm', name: 'parameter/aws/reference/secretsmanager/lamplighter/probe/*', reason },
    ]),
    right(scope, 'ProbeSecrets', 'secretsmanager:GetSecretValue', [
      { service: 'secretsmanager', name: 'secret:lamplighter/probe/*', reason },
    ]),
  ];
}

/** One secret, by its name, through Parameter Store. Secrets Manager ends its ARN with six characters of its own choice. */
export function toReadSecret(scope: Construct, name: string): Right[] {
  return [
    right(scope, 'SecretByName', 'ssm:GetParameter', [
      { service: 'ssm', name: `parameter/aws/reference/secretsmanager/${name}` },
    ]),
    right(scope, 'Secret', 'secretsmanager:GetSecretValue', [
      { service: 'secretsmanager', name: `secret:${name}-??????` },
    ]),
  ];
}

/** One parameter, by its name. */
export const toReadParameter = (scope: Construct, name: string): Right =>
  right(scope, 'Parameter', 'ssm:GetParameter', [{ service: 'ssm', name: `parameter${name}` }]);
