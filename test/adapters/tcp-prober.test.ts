// The TCP prober: a port that takes a connection works.
import { createServer } from 'node:net';

import { expect, it } from 'vitest';

import { listen, look } from '../make/probe-bench.ts';

const tcp = (port: number, more: object = {}) => ({ kind: 'tcp', host: '127.0.0.1', port, ...more });

it('a port that takes the connection is up, with its latency and without a word being said', async () => {
  let received = 0;
  const port = await listen(createServer((socket) => socket.on('data', () => (received += 1))));
  const observation = await look(tcp(port));
  expect(observation).toMatchObject({ verdict: 'up', cause: 'none' });
  expect(observation.latencyMs).toBeLessThan(1_000);
  expect(received).toBe(0);
});

it('a closed port is down', async () => {
  const server = createServer();
  const port = await listen(server);
  await new Promise((done) => server.close(done));
  expect(await look(tcp(port))).toEqual({
    verdict: 'down',
    cause: 'refused',
    message: 'the connection was refused: nothing listens on the port',
  });
});

it('a port of an address that must not be dialled is unknown', async () => {
  expect(await look(tcp(80, { host: '169.254.169.254' }))).toMatchObject({
    verdict: 'unknown',
    cause: 'address_refused',
  });
  expect(await look(tcp(80, { host: '0x7f.1' }), { allowedRanges: [] })).toMatchObject({ cause: 'address_refused' });
});

it('a name that takes longer to look up than the timeout is our own trouble', async () => {
  const resolve = () => new Promise<string[]>(() => undefined);
  expect(await look(tcp(80, { host: 'slow.test', timeoutSeconds: 0.2 }), { resolve })).toEqual({
    verdict: 'unknown',
    cause: 'own_trouble',
    message: 'the name was not looked up within 0.2 s',
  });
});
