// Posts a body to a receiver: a fresh connection, the certificate checked, no redirects, the answer read up to a limit.
// The URL is a secret and gets into no error.
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

import type { Poster } from '../ports/delivery.ts';

const PATIENCE_MS = 10_000;
/** Receivers answer with a few words; anything longer is not read. */
const LONGEST_ANSWER = 16 * 1024;

/** No answer. Has the code of what happened, and nothing that names the address. */
class PostError extends Error {
  override readonly name = 'PostError';
}

/** `ca`: further authorities to trust. `patienceMs` covers everything: name, connection, answer and its body. */
export function createHttpsPoster({ ca, patienceMs = PATIENCE_MS }: { ca?: string; patienceMs?: number } = {}): Poster {
  return {
    post: ({ url, body, headers }, signal) =>
      new Promise((resolve, reject) => {
        const patience = AbortSignal.timeout(patienceMs);
        const fail = (error: unknown) =>
          reject(new PostError(patience.aborted ? `no answer within ${patienceMs / 1000} s` : codeOf(error)));
        // Node would throw an invalid address with the address in the error.
        if (!URL.canParse(url)) return reject(new PostError('the request failed: ERR_INVALID_URL'));
        const request = url.startsWith('https:') ? tlsRequest : plainRequest;
        const asked = request(url, {
          method: 'POST',
          headers: { ...headers, 'content-length': Buffer.byteLength(body), 'user-agent': 'Lamplighter-Alerts/1' },
          agent: false,
          signal: AbortSignal.any([signal, patience]),
          ...(ca !== undefined && { ca }),
        });
        asked.on('error', fail);
        asked.once('response', (answer) => {
          const { statusCode: status = 0, headers: given } = answer;
          read(answer).then((text) => resolve({ status, body: text, retryAfter: given['retry-after'] }), fail);
        });
        asked.end(body);
      }),
  };
}

async function read(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    const piece = Buffer.from(chunk);
    chunks.push(piece);
    bytes += piece.length;
    if (bytes >= LONGEST_ANSWER) break;
  }
  return Buffer.concat(chunks).subarray(0, LONGEST_ANSWER).toString('utf8');
}

/** Node's codes are safe to show (`ECONNREFUSED`, `CERT_HAS_EXPIRED`); its messages may name the host. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'fault';
  return `the request failed: ${code}`;
}
