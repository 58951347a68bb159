// What one probe costs in CPU, compared with the least that any probe could cost on the same machine in the same run:
// an HTTP probe against a bare node:net request, an HTTPS probe against a bare TLS handshake. Run: node
// bench/probe-cost.ts
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';

import * as z from 'zod';

import { createProber } from '../lambdas/adapters/service-prober.ts';
import { probeSchema, settleProbe } from '../lambdas/core/model/probe-spec.ts';

const ROUNDS = 9;
const CONCURRENCY = 32;
const HTTP_PROBES = 2_000;
const TLS_PROBES = 400;
const HTTP_BUDGET = 1.5;
const TLS_BUDGET = 1.2;

const fixture = (name: string) => readFileSync(new URL(`../test/fixtures/tls/${name}`, import.meta.url), 'utf8');
const portsSchema = z.strictObject({ http: z.int(), https: z.int() });

if (process.argv[2] === 'target') await serve();
else await measure();

/** The target runs in a process of its own, so that its CPU time is not counted as the prober's. */
async function serve(): Promise<void> {
  const answer = (_: unknown, response: { end(text: string): void }) => response.end('ok');
  const plain = createServer(answer);
  const secure = createSecureServer({ key: fixture('good.key'), cert: fixture('good.crt') }, answer);
  process.send?.({ http: await listen(plain), https: await listen(secure) });
  process.on('disconnect', () => process.exit());
}

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

async function measure(): Promise<void> {
  const target = fork(new URL(import.meta.url), ['target']);
  const [message] = await once(target, 'message');
  const { http, https } = portsSchema.parse(message);
  const { signal } = new AbortController();
  const prober = createProber({
    allowedRanges: ['127.0.0.0/8'],
    secrets: { read: () => Promise.reject(new Error('no secrets here')) },
    clock: { now: () => Date.now() },
    authorities: [fixture('ca.crt')],
  });
  const probing = (url: string) => {
    const probe = settleProbe(probeSchema.parse({ kind: 'http', url, timeoutSeconds: 10 }), 60);
    return async () => {
      const { verdict, message: fault } = await prober.probe(
        { probe, correlationId: 'bench', registeredAt: 0 },
        signal,
      );
      if (verdict !== 'up') throw new Error(fault);
    };
  };
  const context = createSecureContext({ ca: fixture('ca.crt') });
  const pairs = [
    {
      what: 'HTTP',
      budget: HTTP_BUDGET,
      count: HTTP_PROBES,
      bare: () => bareRequest(http),
      probe: probing(`http://127.0.0.1:${http}/`),
    },
    {
      what: 'HTTPS',
      budget: TLS_BUDGET,
      count: TLS_PROBES,
      bare: () => bareHandshake(https, context),
      probe: probing(`https://127.0.0.1:${https}/`),
    },
  ];
  for (const { what, budget, count, bare, probe } of pairs) {
    await microseconds(count, bare);
    await microseconds(count, probe);
    const rounds: { bare: number; probe: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1)
      rounds.push({ bare: await microseconds(count, bare), probe: await microseconds(count, probe) });
    const bareCost = median(rounds.map((round) => round.bare));
    const probeCost = median(rounds.map((round) => round.probe));
    const ratio = median(rounds.map((round) => round.probe / round.bare));
    const verdict = ratio <= budget ? 'within' : 'ABOVE';
    console.log(
      `${what}: bare ${bareCost.toFixed(0)} µs, probe ${probeCost.toFixed(0)} µs of CPU, ratio ${ratio.toFixed(2)} (${verdict} the budget of ${budget})`,
    );
  }
  target.disconnect();
}

/** CPU time (user and system) of one run of `act`, in µs: the mean over `count` runs. */
async function microseconds(count: number, act: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  let left = count;
  const worker = async () => {
    while (left-- > 0) await act();
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

/** The least that a whole HTTP request can be: connect, write, read to the end of the answer, close. Parses nothing. */
function bareRequest(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n'),
    );
    socket.resume();
    socket.once('end', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

/** The least that an HTTPS probe can be: connect and shake hands, with an existing context. */
function bareHandshake(port: number, secureContext: ReturnType<typeof createSecureContext>): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port, host: '127.0.0.1', secureContext }, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
