// The embedded DynamoDB with the one table, spoken to by the real SDK over loopback, and what the table was asked.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';

import { openTable, type Table } from '../../lambdas/adapters/dynamo-client.ts';

/** What was asked since the last `forget`: commands by name in order, and what the engine says the writes cost. */
export type Usage = { commands: string[]; writeUnits: number };
export type Engine = Readonly<{
  /** A new empty table, with the usage of its own client. */
  freshTable(): Promise<{ table: Table; usage: Usage; forget(): void }>;
  stop(): Promise<void>;
}>;

const isWrite = (command: string) => /^(Put|Update|Delete|BatchWrite|Transact)/.test(command);
export const writesOf = ({ commands }: Usage): string[] => commands.filter(isWrite);

/** A client that reaches loopback alone. */
export const loopbackClient = (port: number, maxAttempts = 1): DynamoDBClient =>
  new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts,
  });

export async function startEngine(): Promise<Engine> {
  const server = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clients: DynamoDBClient[] = [];
  return {
    async freshTable() {
      const client = loopbackClient(port);
      clients.push(client);
      const name = `lamplighter-${clients.length}`;
      await makeTable(client, name);
      const usage: Usage = { commands: [], writeUnits: 0 };
      watch(client, usage);
      const forget = () => void Object.assign(usage, { commands: [], writeUnits: 0 });
      return { table: openTable(name, client), usage, forget };
    },
    async stop() {
      for (const client of clients) client.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The one table, with the keys that the stack gives it. */
export async function makeTable(client: DynamoDBClient, name: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  await becomeActive(client, name);
}

/** The engine makes tables behind its answer, a few milliseconds later. */
async function becomeActive(client: DynamoDBClient, TableName: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    if (Table?.TableStatus === 'ACTIVE') return;
    if (Date.now() > deadline) throw new Error(`${TableName} is still ${Table?.TableStatus}`);
  }
}

function watch(client: DynamoDBClient, usage: Usage): void {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        usage.commands.push(commandName);
        const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } as never });
        const { ConsumedCapacity } = result.output as { ConsumedCapacity?: { CapacityUnits?: number } };
        if (isWrite(commandName)) usage.writeUnits += ConsumedCapacity?.CapacityUnits ?? Number.NaN;
        return result;
      },
    { step: 'initialize', name: 'usage' },
  );
}
