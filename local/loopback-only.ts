// Who may talk to one-machine mode. It asks nobody for a password and binds to loopback, but a web page opened on this
// machine can send requests to loopback too, under a name of its own (DNS rebinding) or across origins.
import type { IncomingMessage, ServerResponse } from 'node:http';

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;
/** What browsers say about where a request comes from; for an address that a person typed it is `none`. */
const OWN_SITE = ['same-origin', 'none'];
const PROBER = /^Lamplighter\//i;

/**
 * Whether the request is addressed to this machine, and comes neither from a page of another origin nor from the
 * prober. An image or a link of a page sends no `origin`, so `sec-fetch-site` is checked as well. The prober goes
 * wherever a registration or the redirect of a watched service sends it: it must not be turned against its own
 * machine's control plane.
 */
export function isFromThisMachine({ headers }: IncomingMessage): boolean {
  const { host = '', origin, 'user-agent': agent = '', 'sec-fetch-site': site = 'none' } = headers;
  if (!LOOPBACK_HOST.test(host) || PROBER.test(agent)) return false;
  if (typeof site !== 'string' || !OWN_SITE.includes(site)) return false;
  return origin === undefined || (URL.canParse(origin) && LOOPBACK_HOST.test(new URL(origin).host));
}

export function refuse(response: ServerResponse): void {
  const message =
    'one-machine mode answers requests to 127.0.0.1 or localhost only, and none of web pages or of its own prober';
  response.writeHead(403, { 'content-type': 'application/json', connection: 'close' });
  response.end(`${JSON.stringify({ error: { code: 'NOT_LOCAL', message, details: [] } })}\n`);
}
