// A busy event loop is Lamplighter's own trouble: it must not make a service look slow or dead.
import { once } from 'node:events';
import { stat } from 'node:fs';
import { Worker } from 'node:worker_threads';

import { expect, it, onTestFinished } from 'vitest';

import { blockFor, look } from '../make/probe-bench.ts';

/** A server in a thread of its own, so that it goes on answering while this thread is blocked. */
async function steadyServer(delayMs: number): Promise<number> {
  const worker = new Worker(new URL('../fixtures/steady-server.mjs', import.meta.url), { workerData: { delayMs } });
  onTestFinished(async () => void (await worker.terminate()));
  const [port] = (await once(worker, 'message')) as [number];
  return port;
}

const http = (port: number, timeoutSeconds: number, maxLatencyMs?: number) => ({
  kind: 'http',
  url: `http://127.0.0.1:${port}/`,
  timeoutSeconds,
  expect: { maxLatencyMs },
});

it('a fast service stays up, and its latency small, though the loop is blocked for 300 ms right after dialling', async () => {
  const port = await steadyServer(0);
  const probed = look(http(port, 5, 100));
  blockFor(300);
  const observation = await probed;
  expect(observation).toMatchObject({ verdict: 'up', cause: 'none' });
  expect(observation.latencyMs).toBeLessThan(100);
});

it.each(['timer', 'immediate', 'microtask'] as const)(
  'a fast service stays up though the loop is blocked again and again, by a %s',
  async (where) => {
    const port = await steadyServer(20);
    let isOver = false;
    const block = () => {
      blockFor(130);
      if (isOver) return;
      if (where === 'timer') setTimeout(block, 1);
      if (where === 'immediate') setImmediate(block);
      if (where === 'microtask') process.nextTick(() => setTimeout(block, 3));
    };
    const probed = look(http(port, 5, 100));
    block();
    const observation = await probed;
    isOver = true;
    expect(observation).toMatchObject({ verdict: 'up', cause: 'none' });
  },
);

it('a fast service stays up though another callback of the network or the disk blocks the loop as it answers', async () => {
  const port = await steadyServer(50);
  const probed = look(http(port, 5, 150));
  setTimeout(() => stat('.', () => blockFor(300)), 20);
  expect(await probed).toMatchObject({ verdict: 'up' });
});

it('a slow service stays slow, though the loop is blocked while nothing is awaited in it', async () => {
  const port = await steadyServer(600);
  const probed = look(http(port, 5, 400));
  setTimeout(() => blockFor(300), 100);
  const observation = await probed;
  expect(observation).toMatchObject({ verdict: 'slow', cause: 'too_slow' });
  expect(observation.latencyMs).toBeGreaterThan(550);
});

it('a fast service stays up in a long row of probes, one right after the other', async () => {
  const port = await steadyServer(0);
  for (let index = 0; index < 200; index += 1) await look(http(port, 5));
  const probed = look(http(port, 5, 100));
  setImmediate(() => blockFor(300));
  expect(await probed).toMatchObject({ verdict: 'up' });
});

it('a timeout that came only of a blocked loop is unknown, not down', async () => {
  const port = await steadyServer(50);
  const probed = look(http(port, 0.3));
  blockFor(600);
  expect(await probed).toEqual({
    verdict: 'unknown',
    cause: 'own_trouble',
    message: 'Lamplighter was too busy to wait 0.3 s for an answer',
  });
});

it('an answer that lay in the kernel when the deadline passed is still taken', async () => {
  const port = await steadyServer(100);
  const probed = look(http(port, 0.3));
  setTimeout(() => blockFor(500), 50);
  expect(await probed).toMatchObject({ verdict: 'up' });
});

it('a service that says nothing is down, though the loop is blocked when its time is over', async () => {
  const port = await steadyServer(60_000);
  const probed = look(http(port, 0.3));
  setTimeout(() => blockFor(400), 100);
  expect(await probed).toMatchObject({ verdict: 'down', cause: 'timeout' });
});
