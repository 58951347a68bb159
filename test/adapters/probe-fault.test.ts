// Whose fault an error is. What is ours must be unknown: it may never cause a restart.
import { expect, it } from 'vitest';

import { observationOfError } from '../../lambdas/adapters/probe-fault.ts';
import { createProber } from '../../lambdas/adapters/service-prober.ts';
import type { HttpProbe } from '../../lambdas/core/model/probe-spec.ts';
import { noSecrets } from '../make/probe-bench.ts';

const coded = (code: string) => Object.assign(new Error('quotes hunter2'), { code });

it.each([
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'reset'],
  ['ECONNABORTED', 'reset'],
  ['EPIPE', 'reset'],
  ['ETIMEDOUT', 'timeout'],
  ['EHOSTUNREACH', 'unreachable'],
  ['EHOSTDOWN', 'unreachable'],
  ['ENOTFOUND', 'name_unresolved'],
  ['HPE_INVALID_CONSTANT', 'malformed_answer'],
  ['HPE_HEADER_OVERFLOW', 'malformed_answer'],
  ['EPROTO', 'tls_failed'],
  ['CERT_HAS_EXPIRED', 'tls_failed'],
  ['CERT_NOT_YET_VALID', 'tls_failed'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls_failed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls_failed'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls_failed'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls_failed'],
  ['UNABLE_TO_GET_CRL', 'tls_failed'],
  ['INVALID_CA', 'tls_failed'],
  ['INVALID_PURPOSE', 'tls_failed'],
  ['PATH_LENGTH_EXCEEDED', 'tls_failed'],
  ['HOSTNAME_MISMATCH', 'tls_failed'],
  ['UNSPECIFIED', 'tls_failed'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls_failed'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls_failed'],
])('%s is the service, down: %s', (code, cause) => {
  const observation = observationOfError(coded(code));
  expect(observation).toMatchObject({ verdict: 'down', cause });
  expect(observation.message).not.toContain('hunter2');
});

it.each([
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EACCES',
  'EPERM',
  'EAI_AGAIN',
  'ABORT_ERR',
  'ERR_SOCKET_BAD_PORT',
])('%s is our own trouble', (code) => {
  expect(observationOfError(coded(code))).toEqual({
    verdict: 'unknown',
    cause: 'own_trouble',
    message: `Lamplighter could not probe (${code})`,
  });
});

it('what has no code is our own trouble, named by its kind', () => {
  expect(observationOfError(new TypeError('quotes hunter2'))).toMatchObject({
    verdict: 'unknown',
    message: 'Lamplighter could not probe (TypeError)',
  });
  expect(observationOfError('hunter2')).toMatchObject({
    verdict: 'unknown',
    message: 'Lamplighter could not probe (no error code)',
  });
});

it('a probe that no schema would let through is unknown, and does not reject', async () => {
  const prober = createProber({ allowedRanges: [], secrets: noSecrets, clock: { now: () => 0 } });
  const signal = new AbortController().signal;
  const look = (probe: unknown) =>
    prober.probe({ probe: probe as HttpProbe, correlationId: 'c', registeredAt: 0 }, signal);
  expect(await look({ kind: 'http', url: 'nonsense', headers: {}, timeoutSeconds: 1, maxRedirects: 0 })).toMatchObject({
    verdict: 'unknown',
  });
  expect(await look({ kind: 'carrier pigeon' })).toMatchObject({ verdict: 'unknown' });
});
