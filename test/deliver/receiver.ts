// A receiver on loopback that keeps what it is sent, and answers as a test says.
import { createServer as plainServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as tlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

export type Received = Readonly<{ url: string; method: string; headers: IncomingHttpHeaders; body: string }>;
type Reply = Readonly<{ status?: number; headers?: Record<string, string>; body?: string }>;

/** `reply` to each request by its number, from 0; `hang` never answers. */
export async function startReceiver(
  reply: (request: Received, index: number) => Reply | 'hang' = () => ({}),
  tls?: Readonly<{ key: string; cert: string }>,
) {
  const received: Received[] = [];
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const one = { url: request.url ?? '', method: request.method ?? '', headers: request.headers, body };
      const answer = reply(one, received.push(one) - 1);
      if (answer === 'hang') return;
      response.writeHead(answer.status ?? 200, answer.headers);
      response.end(answer.body ?? 'ok');
    });
  };
  const server = tls ? tlsServer({ ...tls }, listener) : plainServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { received, port, close, url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/hook/s3cret?key=s3cret` };
}

/** The same for one test. */
export async function openReceiver(...asked: Parameters<typeof startReceiver>) {
  const receiver = await startReceiver(...asked);
  onTestFinished(receiver.close);
  return receiver;
}
