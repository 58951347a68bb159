// Counting requests under way, against real servers: the same guards as for probes, and never a number that nobody gave.
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';

import { describe, expect, it } from 'vitest';

import { createRequestCounter } from '../../lambdas/adapters/request-counter.ts';
import { proberTools } from '../../lambdas/adapters/service-prober.ts';
import type { Drain } from '../../lambdas/core/model/restart-spec.ts';
import { listen, noSecrets } from '../make/probe-bench.ts';

const options = { allowedRanges: ['127.0.0.0/8'], secrets: noSecrets, clock: { now: () => Date.now() } };
const count = (url: string, drain: Partial<Drain> = {}, more: object = {}, signal = new AbortController().signal) =>
  createRequestCounter(proberTools({ ...options, ...more })).count(
    { activeRequestsUrl: url, headers: {}, timeoutSeconds: 30, ...drain },
    'c-1',
    signal,
  );
const serve = async (answer: RequestListener) => `http://127.0.0.1:${await listen(createServer(answer))}/active?all=1`;

describe('requests under way', () => {
  it('are counted by asking once, with headers, secrets and the correlation id', async () => {
    const asked: IncomingMessage[] = [];
    const url = await serve((request, response) => {
      asked.push(request);
      response.end('{"active": 3}');
    });
    const secrets = { read: async () => 'hunter2' };
    const headers = { 'x-api-key': '{{ssm:/lamplighter/probe/key}}' };
    expect(await count(url, { headers, path: '$.active' }, { secrets })).toBe(3);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ method: 'GET', url: '/active?all=1' });
    expect(asked[0]!.headers).toMatchObject({ 'x-api-key': 'hunter2', 'x-correlation-id': 'c-1' });
  });

  it('may be none', async () => {
    expect(await count(await serve((_, response) => response.end('0')))).toBe(0);
  });

  it.each<[string, RequestListener]>([
    ['an error', (_, response) => response.writeHead(500).end('0')],
    ['a redirect', (_, response) => response.writeHead(302, { location: '/other' }).end('0')],
    ['no number', (_, response) => response.end('some')],
    ['a cut connection', (request) => request.socket.destroy()],
    ['more than is read of any body', (_, response) => response.end('0'.padEnd(2_000_000, ' '))],
  ])('are not known from %s', async (_, answer) => {
    expect(await count(await serve(answer))).toBeUndefined();
  });

  it('are not known when nobody answers in time, and that is found out in time', async () => {
    const port = await listen(createTcpServer(() => undefined));
    const begun = Date.now();
    expect(await count(`http://127.0.0.1:${port}/`)).toBeUndefined();
    expect(Date.now() - begun).toBeLessThan(4_000);
  });

  it('are not asked for at an address that must not be dialled', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.end('0');
    });
    expect(await count(url, {}, { allowedRanges: [] })).toBeUndefined();
    expect(asked).toBe(0);
  });

  it('are not asked for without the secret that belongs to the question', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.end('0');
    });
    expect(await count(url, { headers: { 'x-key': '{{ssm:/lamplighter/probe/key}}' } })).toBeUndefined();
    expect(asked).toBe(0);
  });

  it('are not known when the invocation is cut off', async () => {
    expect(await count(await serve(() => undefined), {}, {}, AbortSignal.abort())).toBeUndefined();
  });
});
