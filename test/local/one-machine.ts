// What the tests of the whole of one-machine mode share: a folder that leaves nothing behind, services that count their
// lives, a subscriber of the alert topic, and the API as a client sees it.
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { makeFolder } from '../fixtures/local-ecs.ts';

export { freePort } from '../fixtures/local-ecs.ts';

const demoService = join(import.meta.dirname, '../../local/demo/service.ts');

type Alert = { kind: string; level: string; deduplicationKey: string; service: { id: string } };
export type Event = { at: string; recordId: string; kind: string };
export type View = {
  health: string;
  totalRestarts: number;
  incident: unknown;
  pendingIntents: number;
  restart: { phase: string; outcome?: string; handle?: string };
};

/** Asks until the answer is something; fails at the deadline. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs: number,
  instead: () => unknown = () => '',
): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`never came: ${what} ${JSON.stringify(await instead())}`);
    await pause(15);
  }
}

/** A folder for one test; `lives` tells how often the service of that name was begun. */
export function makeStage() {
  const { path, env, processes, clear } = makeFolder();
  return {
    path,
    env,
    processes,
    clear,
    /** A shell command that writes down that it was begun, and becomes the demo's service; `after` seconds later. */
    command: (name: string, port: number, after = 0) =>
      `echo $$ >>${path}/${name}.lives; sleep ${after}; exec ${process.execPath} ${demoService} ${port}`,
    lives: (name: string): number[] =>
      existsSync(`${path}/${name}.lives`)
        ? readFileSync(`${path}/${name}.lives`, 'utf8').trim().split('\n').map(Number)
        : [],
  };
}

/** Takes what the topic posts, as a web hook does. */
export async function openInbox() {
  const alerts: Alert[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const envelope = JSON.parse(Buffer.concat(parts).toString('utf8')) as { Type: string; Message: string };
      if (envelope.Type === 'Notification') alerts.push(JSON.parse(envelope.Message) as Alert);
      response.end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    alerts,
    endpoint: `http://127.0.0.1:${port}/alerts`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The API; `undefined` when nobody answers, as between two lives of the process. */
export function apiClient(url: string) {
  const ask = async <T>(path: string): Promise<T | undefined> => {
    try {
      const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(5_000) });
      return response.ok ? ((await response.json()) as T) : undefined;
    } catch {
      return undefined;
    }
  };
  return {
    async register(id: string, port: number, step?: object) {
      const response = await fetch(`${url}/services/${id}`, {
        method: 'PUT',
        body: JSON.stringify({
          probe: { kind: 'http', url: `http://127.0.0.1:${port}/health`, intervalSeconds: 1, timeoutSeconds: 0.5 },
          policy: { failureThreshold: 3, successThreshold: 2 },
          ...(step && { restart: { warmUpSeconds: 2, verifyTimeoutSeconds: 120, steps: [step] } }),
        }),
      });
      if (response.status !== 201) throw new Error(await response.text());
    },
    service: (id: string) => ask<View>(`/services/${id}`),
    events: async (id: string) => (await ask<{ events: Event[] }>(`/services/${id}/events?limit=200`))?.events ?? [],
    isUp: async () => (await ask<{ name: string }>('/info')) !== undefined,
  };
}
