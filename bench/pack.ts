// A pack of 250 services, a tenth of which never answer: how long until all have their verdict, compared with the probe
// timeout. The budget is the timeout plus one second.
import { createServer, type Server } from 'node:net';
import { performance } from 'node:perf_hooks';

import { createProber } from '../lambdas/adapters/service-prober.ts';
import { systemClock } from '../lambdas/adapters/system-clock.ts';
import type { HttpProbe } from '../lambdas/core/model/probe-spec.ts';
import { inFlight } from '../lambdas/probe/in-flight.ts';

const SERVICES = 250;
const SILENT = 25;
const IN_FLIGHT = 100;
const TIMEOUT_SECONDS = 3;
const ROUNDS = 3;

const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok';
const listen = (server: Server) =>
  new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    }),
  );

const good = createServer((socket) => socket.on('error', () => undefined).once('data', () => socket.end(answer)));
const silent = createServer((socket) => socket.on('error', () => undefined));
const ports = { good: await listen(good), silent: await listen(silent) };
const prober = createProber({
  allowedRanges: ['127.0.0.0/8'],
  clock: systemClock,
  secrets: { read: () => Promise.reject(new Error('no secrets here')) },
});
const probeOf = (port: number): HttpProbe => ({
  kind: 'http',
  url: `http://127.0.0.1:${port}/`,
  method: 'GET',
  headers: {},
  expect: {},
  maxRedirects: 3,
  verifyCertificate: true,
  certificateWarningDays: 14,
  intervalSeconds: 60,
  timeoutSeconds: TIMEOUT_SECONDS,
  retries: 0,
});

const seconds: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const verdicts = { up: 0, slow: 0, down: 0, unknown: 0 };
  const begun = performance.now();
  // Silent services are spread evenly: the worst case for those that wait behind them.
  const fleet = Array.from({ length: SERVICES }, (_, index) =>
    probeOf(index % (SERVICES / SILENT) === 0 ? ports.silent : ports.good),
  );
  const signal = AbortSignal.timeout(60_000);
  const probeOne = async (probe: HttpProbe) => {
    const { verdict } = await prober.probe({ probe, correlationId: 'bench', registeredAt: 0 }, signal);
    verdicts[verdict] += 1;
  };
  await inFlight(fleet, IN_FLIGHT, probeOne, signal);
  seconds.push((performance.now() - begun) / 1000);
  console.log(`pack of ${SERVICES}, ${SILENT} silent: ${seconds.at(-1)?.toFixed(2)} s  ${JSON.stringify(verdicts)}`);
}
const worst = Math.max(...seconds);
console.log(`worst ${worst.toFixed(2)} s; budget ${TIMEOUT_SECONDS + 1} s (timeout + 1 s)`);
good.close();
silent.close();
process.exit(worst > TIMEOUT_SECONDS + 1 ? 1 : 0);
