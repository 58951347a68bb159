import { createServer, request, type Server } from 'node:http';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { awsServer } from '../../local/aws/wire.ts';
import { httpGateway } from '../../local/http-gateway.ts';
import { listen, look } from '../make/probe-bench.ts';

const servers: Record<string, Server> = {
  gateway: httpGateway(
    async () => ({ statusCode: 200 }),
    () => undefined,
  ),
  'AWS endpoint': awsServer({
    json: [],
    query: async () => '<ok/>',
    dynamodb: (_request, response) => response.end('{}'),
  }),
};
beforeAll(async () => {
  for (const server of Object.values(servers))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => Object.values(servers).forEach((server) => server.close()));

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a server without a port');
  return address.port;
}

function statusOf(server: Server, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ port: portOf(server), host: '127.0.0.1', path: '/info', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject).end();
  });
}

describe.each(Object.keys(servers))('the %s of one-machine mode', (name) => {
  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80', '192.168.0.7', '127.0.0.1@evil'])(
    'refuses a request made out to %s',
    async (host) => {
      expect(await statusOf(servers[name]!, { host })).toBe(403);
    },
  );

  it.each(['https://evil.example', 'null', 'http://localhost.evil.example'])(
    'refuses a page of origin %s',
    async (origin) => {
      expect(await statusOf(servers[name]!, { host: 'localhost:4680', origin })).toBe(403);
    },
  );

  it.each(['localhost', 'localhost:4680', '127.0.0.1:4680', '[::1]:4680'])('answers %s', async (host) => {
    expect(await statusOf(servers[name]!, { host, origin: 'http://localhost:3000' })).not.toBe(403);
  });

  it.each(['cross-site', 'same-site', 'something-new'])(
    'refuses what a page asks for without an origin, as an image does: %s',
    async (site) => {
      expect(await statusOf(servers[name]!, { host: 'localhost:4680', 'sec-fetch-site': site })).toBe(403);
    },
  );

  it.each(['same-origin', 'none'])('answers a browser whose request is %s', async (site) => {
    expect(await statusOf(servers[name]!, { host: 'localhost:4680', 'sec-fetch-site': site })).not.toBe(403);
  });

  it.each(['Lamplighter/1', 'lamplighter/2 (probe)'])('refuses the prober, %s', async (agent) => {
    expect(await statusOf(servers[name]!, { host: 'localhost:4680', 'user-agent': agent })).toBe(403);
  });

  it('refuses the real prober that a watched service sends to it', async () => {
    const location = `http://127.0.0.1:${portOf(servers[name]!)}/?Action=Unsubscribe`;
    const port = await listen(createServer((_request, response) => response.writeHead(302, { location }).end()));
    const probe = { kind: 'http', url: `http://127.0.0.1:${port}/health`, maxRedirects: 1 };
    expect(await look(probe)).toMatchObject({ cause: 'wrong_status', message: 'answered 403, expected 2xx' });
  });

  it.each(['curl/8.5.0', 'Mozilla/5.0 Lamplighter/1'])('answers %s', async (agent) => {
    expect(await statusOf(servers[name]!, { host: 'localhost:4680', 'user-agent': agent })).not.toBe(403);
  });
});
