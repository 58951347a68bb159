// Who may talk to one-machine mode. It asks nobody for a password and binds to loopback, but a web page that somebody on
// this machine looks at can send requests to loopback too, under a name of its own (DNS rebinding) or across origins.
import type { IncomingMessage, ServerResponse } from 'node:http';

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/** Whether the request was made out to this machine, and by no page of another origin. */
export function isFromThisMachine({ headers: { host = '', origin } }: IncomingMessage): boolean {
  if (!LOOPBACK_HOST.test(host)) return false;
  return origin === undefined || (URL.canParse(origin) && LOOPBACK_HOST.test(new URL(origin).host));
}

export function refuse(response: ServerResponse): void {
  const message = 'one-machine mode answers requests to 127.0.0.1 or localhost only, and none of web pages';
  response.writeHead(403, { 'content-type': 'application/json', connection: 'close' });
  response.end(`${JSON.stringify({ error: { code: 'NOT_LOCAL', message, details: [] } })}\n`);
}
