// A small load balancer between a load and two services: whom a file `<name>.out` stands for gets no new requests. And
// the load, which notes what became of every request.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import type { Ward } from './scene.ts';

export const outFile = (folder: string, name: string) => join(folder, `${name}.out`);

/** Passes each request to the next of those that are in; answers 502 when one cuts it off. */
export async function openBalancer(folder: string, wards: readonly Ward[]) {
  const passed = new Map<string, number>();
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const those = wards.filter(({ name }) => !existsSync(outFile(folder, name)));
    const one = those[(turn += 1) % those.length];
    if (!one) return void outgoing.writeHead(503).end();
    passed.set(one.name, (passed.get(one.name) ?? 0) + 1);
    const lost = () => void (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end());
    ask({ host: '127.0.0.1', port: one.port, path: incoming.url ?? '/', agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502);
      answer.on('error', lost).pipe(outgoing);
    })
      .on('error', lost)
      .end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    /** How many requests a service was given. */
    passed: (name: string) => passed.get(name) ?? 0,
    async close() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

/** Clients that ask without a pause, until they are told to end; then what they had. */
export function beginLoad(port: number, clients: number, workMs: (turn: number) => number) {
  const seen = { done: 0, lost: 0 };
  let isOver = false;
  const client = async (first: number) => {
    for (let turn = first; !isOver; turn += 1) {
      const ended = await fetch(`http://127.0.0.1:${port}/work?ms=${workMs(turn)}`).then(
        async (response) => response.ok && (await response.text()) === 'done',
        () => false,
      );
      seen[ended ? 'done' : 'lost'] += 1;
    }
  };
  const all = Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  return {
    seen,
    async end() {
      isOver = true;
      await all;
      return seen;
    },
  };
}
