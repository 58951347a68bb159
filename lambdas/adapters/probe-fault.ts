// What an error of a socket, of TLS or of the HTTP parser says about the service, or about ourselves.
import type { Cause, Observation } from '../core/model/observation.ts';

type Meaning = Readonly<{ cause: Cause; message: string }>;

/** Faults of the service. Every code that is not here, and is neither TLS nor HTTP, is our own trouble. */
const SERVICE_FAULTS: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: { cause: 'refused', message: 'the connection was refused: nothing listens on the port' },
  ECONNRESET: { cause: 'reset', message: 'the connection was cut before the answer was whole' },
  ECONNABORTED: { cause: 'reset', message: 'the connection was cut before the answer was whole' },
  EPIPE: { cause: 'reset', message: 'the connection was cut before the request was sent' },
  ETIMEDOUT: { cause: 'timeout', message: 'the network gave up on the connection' },
  EHOSTUNREACH: { cause: 'unreachable', message: 'no route leads to the host' },
  EHOSTDOWN: { cause: 'unreachable', message: 'the host does not answer' },
  ENOTFOUND: { cause: 'name_unresolved', message: 'the name does not exist' },
};

/** Certificate faults have OpenSSL's names, and are recognized by these parts of them. */
const TLS_CODE =
  /^(EPROTO|UNSPECIFIED|PATH_LENGTH_EXCEEDED|ERR_TLS_|ERR_SSL_|ERR_OSSL_)|CERT|CRL|ISSUER|SIGNATURE|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH/;
const HTTP_CODE = /^HPE_/;

export const down = (cause: Cause, message: string): Observation => ({ verdict: 'down', cause, message });
export const ownTrouble = (message: string): Observation => ({ verdict: 'unknown', cause: 'own_trouble', message });
export const secretUnavailable = (message: string): Observation => ({
  verdict: 'unknown',
  cause: 'secret_unavailable',
  message,
});

/**
 * The verdict on an error. The message is made from the error's code alone: an error's own text may quote what was
 * sent or received.
 */
export function observationOfError(error: unknown): Observation {
  const code = codeOf(error);
  const known = SERVICE_FAULTS[code];
  if (known) return down(known.cause, known.message);
  if (HTTP_CODE.test(code)) return down('malformed_answer', `the answer is not HTTP (${code})`);
  if (TLS_CODE.test(code)) return down('tls_failed', `TLS failed: ${code}`);
  return ownTrouble(`Lamplighter could not probe (${code})`);
}

function codeOf(error: unknown): string {
  if (error instanceof Error) return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return 'no error code';
}
