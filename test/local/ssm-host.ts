// A local SSM on loopback with a folder of its own, and the real SDK client in front of it.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';

import { standardDocuments } from '../../lib/documents.ts';
import { ssmConfigSchema } from '../../local/aws/ssm/config.ts';
import { createLocalSsm } from '../../local/aws/ssm/ssm.ts';
import { awsServer, type JsonService } from '../../local/aws/wire.ts';
import { openStorage } from '../../local/storage.ts';

export function ssmClient(port: number): SSMClient {
  return new SSMClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
}

/** Serves one JSON service on a free port. */
export async function serve(service: JsonService) {
  const noQuery = () => Promise.reject(new Error('no query service here'));
  const server = awsServer({ json: [service], query: noQuery, dynamodb: (_request, response) => response.end() });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A folder that is gone after the test. */
export function temporaryFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'lamplighter-ssm-'));
  return {
    path,
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}

/** Opens the local SSM that lies in `folder`. */
export async function openSsm(folder: string, config: unknown, clock?: { now(): number }) {
  const storage = await openStorage(join(folder, 'storage'));
  const settled = ssmConfigSchema.parse(config);
  const ssm = createLocalSsm({
    storage,
    config: settled,
    dataDir: folder,
    documents: standardDocuments,
    ...(clock && { clock }),
  });
  await ssm.start();
  const server = await serve(ssm.service);
  const client = ssmClient(server.port);
  return {
    client,
    port: server.port,
    async close() {
      client.destroy();
      await ssm.stop();
      await server.close();
      await storage.close();
    },
  };
}

/** Asks until `look` gives something; rejects after `deadlineMs`. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  deadlineMs = 15_000,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await pause(40);
  }
}

export async function send(
  client: SSMClient,
  document: string,
  parameters: Record<string, string>,
  instanceId = 'i-0abc',
) {
  const { Command } = await client.send(
    new SendCommandCommand({
      DocumentName: document,
      InstanceIds: [instanceId],
      Parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
    }),
  );
  return Command!.CommandId!;
}

/** The invocation once SSM knows it and, unless another status is asked for, once it has ended. */
export function invocation(client: SSMClient, commandId: string, isWanted = isEnded, instanceId = 'i-0abc') {
  return eventually(`command ${commandId}`, async () => {
    try {
      const answer = await client.send(
        new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId }),
      );
      return isWanted(answer.Status ?? '') ? answer : undefined;
    } catch (error) {
      if (error instanceof Error && error.name === 'InvocationDoesNotExist') return undefined;
      throw error;
    }
  });
}
const isEnded = (status: string) => !['Pending', 'Delayed', 'InProgress', 'Cancelling'].includes(status);
