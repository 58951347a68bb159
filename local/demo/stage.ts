// The setting of the demo: a temporary folder, three small services, and a subscriber of the alert topic.
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import * as z from 'zod';

const serviceFile = fileURLToPath(new URL('service.ts', import.meta.url));

/** A free port, chosen by the system; asked for right before it is used. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new TypeError('a server without a port');
  return address.port;
}

export const makeFolder = () => mkdtemp(join(tmpdir(), 'lamplighter-demo-'));
export const serviceCommand = (port: number): [string, ...string[]] => [process.execPath, serviceFile, String(port)];

/** A start script as operators have them: Lamplighter's standard document runs it and waits for the port. */
export async function writeStartScript(folder: string, port: number): Promise<string> {
  const file = join(folder, 'start-alpha.sh');
  await writeFile(file, `#!/bin/sh\nexec ${serviceCommand(port).join(' ')}\n`);
  await chmod(file, 0o755);
  return file;
}

/** Starts a service by hand, as an operator did before Lamplighter. */
export function runByHand(port: number): void {
  const [command, ...parameters] = serviceCommand(port);
  spawn(command, parameters, { detached: true, stdio: 'ignore' }).unref();
}

const answerSchema = z.object({ pid: z.number(), startedAt: z.number() });
export type Life = z.infer<typeof answerSchema>;

/** The service that answers on the port; `undefined` if none does. */
export async function lifeOn(port: number): Promise<Life | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(1_000) });
    return answerSchema.parse(await response.json());
  } catch {
    return undefined;
  }
}

export async function untilAlive(port: number): Promise<Life> {
  for (let tries = 0; tries < 100; tries += 1) {
    const life = await lifeOn(port);
    if (life) return life;
    await sleep(100);
  }
  throw new Error(`nothing answers on port ${port}`);
}

const envelopeSchema = z.object({ Type: z.string(), Message: z.string() });
const alertSchema = z.object({
  kind: z.string(),
  level: z.string(),
  deduplicationKey: z.string(),
  service: z.object({ id: z.string() }),
});
export type Delivered = z.infer<typeof alertSchema>;

/** An HTTP subscriber: keeps every notification that SNS posts. */
export async function subscriber(
  onAlert: (alert: Delivered) => void,
): Promise<{ server: Server; port: number; alerts: Delivered[] }> {
  const alerts: Delivered[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      response.end();
      const envelope = envelopeSchema.parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
      if (envelope.Type !== 'Notification') return;
      const alert = alertSchema.parse(JSON.parse(envelope.Message));
      alerts.push(alert);
      onAlert(alert);
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  return { server, port, alerts };
}
