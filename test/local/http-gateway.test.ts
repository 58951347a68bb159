import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it, onTestFinished } from 'vitest';

import { type RouteKey, routes } from '../../lambdas/contract/routes.ts';
import { type Api, httpGateway } from '../../local/http-gateway.ts';

const LIMIT = 1024 * 1024;

/** A gateway in front of a function that keeps its events. */
async function open(answer: Api = async () => ({ statusCode: 200, body: '{}' })) {
  const events: APIGatewayProxyEventV2[] = [];
  const answered: [RouteKey, number][] = [];
  const server = httpGateway(
    async (event) => {
      events.push(event);
      return await answer(event);
    },
    (routeKey, status) => void answered.push([routeKey, status]),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { events, answered, port, url: `http://127.0.0.1:${port}` };
}
const codeOf = async (response: Response) => ((await response.json()) as { error: { code: string } }).error.code;

/** What a server answers to bytes that no client library would send. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(text);
  let answer = '';
  for await (const part of socket) answer += String(part);
  return answer;
}

describe('a request', () => {
  it.each(routes)('%s reaches the function by its route key', async (routeKey) => {
    const { url, events, answered } = await open();
    const [method = '', path = ''] = routeKey.split(' ');
    const [, name] = /\{(\w+)\}/.exec(path) ?? [];
    const response = await fetch(`${url}${path.replace(`{${name}}`, 'billing')}`, { method });
    expect([response.status, await response.text()]).toEqual([200, '{}\n']);
    expect(events.map((event) => event.routeKey)).toEqual([routeKey]);
    expect(events[0]?.pathParameters).toEqual(name === undefined ? undefined : { [name]: 'billing' });
    expect(answered).toEqual([[routeKey, 200]]);
  });

  it('is answered with a file as it is, not a byte longer', async () => {
    const headers = { 'content-type': 'text/csv; charset=utf-8', 'x-next-before': '2026-01-05T08:00:00.000Z' };
    const { url } = await open(async () => ({ statusCode: 200, headers, body: 'at,kind\r\n' }));
    const response = await fetch(`${url}/events/export`);
    expect(await response.text()).toBe('at,kind\r\n');
    expect(Object.fromEntries(response.headers)).toMatchObject(headers);
  });

  it('brings its query, headers, body and a request id of its own', async () => {
    const { url, events } = await open();
    const send = () =>
      fetch(`${url}/services?tenant=acme&tag=a%3Db%20c`, {
        method: 'POST',
        body: '{"name":"Ä"}',
        headers: { 'X-Correlation-Id': 'c-1' },
      });
    await send();
    await send();
    expect(events[0]).toMatchObject({
      ...{ version: '2.0', rawPath: '/services', rawQueryString: 'tenant=acme&tag=a%3Db%20c' },
      ...{ queryStringParameters: { tenant: 'acme', tag: 'a=b c' }, body: '{"name":"Ä"}', isBase64Encoded: false },
      headers: { 'x-correlation-id': 'c-1' },
      requestContext: { http: { method: 'POST', path: '/services', sourceIp: '127.0.0.1' } },
    });
    expect(events[0]?.requestContext.requestId).not.toBe(events[1]?.requestContext.requestId);
  });

  it('without a query or a body has none', async () => {
    const { url, events } = await open();
    await fetch(`${url}/services`);
    expect(events[0]).not.toHaveProperty('queryStringParameters');
    expect(events[0]).not.toHaveProperty('body');
  });

  it('has the percent-encoding of its path taken off, also of a slash', async () => {
    const { url, events } = await open();
    await fetch(`${url}/services/a%2Fb%20%C3%A4`);
    expect(events[0]?.pathParameters).toEqual({ id: 'a/b ä' });
  });

  it.each([
    ['GET', '/nothing'],
    ['GET', '/services/'],
    ['GET', '/services/a/b/c'],
    ['PATCH', '/services/a'],
    ['GET', '/services/a/check'],
  ])('%s %s is 404, as in the cloud, and reaches no function', async (method, path) => {
    const { url, events } = await open();
    const response = await fetch(`${url}${path}`, { method });
    expect([response.status, await codeOf(response), events]).toEqual([404, 'NO_SUCH_ROUTE', []]);
  });

  it.each(['/services/%zz', '/services/%ff', '//'])(
    'with the path %s is 400, and reaches no function',
    async (path) => {
      const { port, events } = await open();
      const answer = await raw(port, `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain('BAD_PATH');
      expect(events).toEqual([]);
    },
  );

  it('may have a body of a megabyte, and is 413 with one byte more', async () => {
    const { url, events } = await open();
    const post = (bytes: number) => fetch(`${url}/services`, { method: 'POST', body: 'x'.repeat(bytes) });
    expect((await post(LIMIT)).status).toBe(200);
    const response = await post(LIMIT + 1);
    expect([response.status, await codeOf(response), events.length]).toEqual([413, 'TOO_LARGE', 1]);
  });

  it('that is much too large and of unknown length is read to its end before it is refused', async () => {
    const { port, events } = await open();
    const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/services' });
    for (let sent = 0; sent < 8; sent += 1) request.write(Buffer.alloc(LIMIT));
    request.end();
    const [response] = (await once(request, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    expect([response.statusCode, events.length]).toEqual([413, 0]);
  });
});

describe('an answer', () => {
  it('has the status and headers that the function gave it', async () => {
    const { url, answered } = await open(async () => ({
      statusCode: 201,
      headers: { 'x-correlation-id': 'c-1', 'x-number': 7 },
      body: '{"a":1}',
    }));
    const response = await fetch(`${url}/services`, { method: 'POST', body: '{}' });
    expect([response.status, response.headers.get('x-correlation-id'), response.headers.get('x-number')]).toEqual([
      ...[201, 'c-1', '7'],
    ]);
    expect(await response.json()).toEqual({ a: 1 });
    expect(answered).toEqual([['POST /services', 201]]);
  });

  it('of a function that fails is 500', async () => {
    const { url, answered } = await open(() => Promise.reject(new Error('broken')));
    const response = await fetch(`${url}/fleet`);
    expect([response.status, await codeOf(response), answered]).toEqual([500, 'INTERNAL', []]);
  });
});
