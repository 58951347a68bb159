import { request, type Server } from 'node:http';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { awsServer } from '../../local/aws/wire.ts';
import { httpGateway } from '../../local/http-gateway.ts';

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

function statusOf(server: Server, headers: Record<string, string>): Promise<number> {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a server without a port');
  return new Promise((resolve, reject) => {
    const asked = request({ port: address.port, host: '127.0.0.1', path: '/info', headers }, (response) => {
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
});
