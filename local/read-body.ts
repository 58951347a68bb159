// The body of a request to a loopback server, up to a limit.
import type { IncomingMessage } from 'node:http';

/**
 * The body as text, or `undefined` if it has more than `limitBytes`. It is read to the end even if it is too large: a
 * client that is cut off while sending never sees the answer.
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size <= limitBytes) parts.push(bytes);
  }
  return size > limitBytes ? undefined : Buffer.concat(parts).toString('utf8');
}
