// What the tests of the deployed stack share: the stack, its API, and the services that it watches.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { openTable } from '../../lambdas/adapters/dynamo-client.ts';
import { DEFAULT_SHARDS } from '../../lambdas/contract/table.ts';
import { openStores } from '../engine/open-stores.ts';
import type { Stores } from '../fakes/fake-stores.ts';
import { type Answer, apiAt } from './deployed-api.ts';
import type { Deployed } from './deployment.ts';
import { clientsOf, ministack } from './where.ts';

const clients = clientsOf(ministack);

export class World {
  readonly begun = Date.now();
  readonly clients = clients;
  /** The ids of services that are out of order. */
  readonly broken = new Set<string>();
  stack: Deployed | undefined;
  private server: Server | undefined;

  async open(): Promise<void> {
    const server = createServer(({ url = '' }, response) => {
      response.statusCode = this.broken.has(url.slice(1)) ? 503 : 200;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.server = server;
  }
  async close(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise<void>((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()));
    for (const client of Object.values(clients)) client.destroy();
  }

  urlOf(id: string): string {
    return `http://127.0.0.1:${(this.server?.address() as AddressInfo).port}/${id}`;
  }
  physical(type: string): string[] {
    return this.stack?.resources.flatMap((each) => (each.type === type ? [each.physicalId] : [])) ?? [];
  }
  queues(): string[] {
    return this.physical('AWS::SQS::Queue');
  }
  stores(): Stores {
    return openStores(openTable(this.physical('AWS::DynamoDB::Table')[0] ?? '', clients.dynamo), DEFAULT_SHARDS);
  }
  ask(method: string, path: string, document?: unknown): Promise<Answer> {
    return apiAt(this.stack?.apiUrl ?? '')(method, path, document);
  }
}
