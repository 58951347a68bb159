import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ensureTable, sweepExpired } from '../../local/table.ts';

const TableName = 'lamplighter';
const NOW = Date.UTC(2026, 0, 5, 8);
const seconds = NOW / 1000;
const engine = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
let client: DynamoDBDocumentClient;

beforeAll(async () => {
  await once(engine.listen(0, '127.0.0.1'), 'listening');
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${(engine.address() as AddressInfo).port}`,
  });
  await ensureTable(TableName);
  client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
});
afterAll(async () => {
  client.destroy();
  await new Promise<void>((resolve) => engine.close(() => resolve()));
});

const put = (sk: string, ttl?: number) => client.send(new PutCommand({ TableName, Item: { pk: 'a', sk, ttl } }));
const left = async () => (await client.send(new ScanCommand({ TableName }))).Items?.map(({ sk }) => String(sk));

describe('the table of one machine', () => {
  it('that is there already is as wanted, with what is in it', async () => {
    await put('kept');
    await ensureTable(TableName);
    expect(await left()).toEqual(['kept']);
  });

  it('is swept of what is past its time, and of nothing else', async () => {
    await put('forever');
    await put('just now', seconds);
    await put('later', seconds + 1);
    await put('over', seconds - 1);
    await put('long over', 1);
    expect(await sweepExpired(TableName, NOW)).toBe(2);
    expect(await left()).toEqual(['forever', 'just now', 'kept', 'later']);
    expect(await sweepExpired(TableName, NOW)).toBe(0);
  });

  it('is swept of more than one batch and more than one page', async () => {
    const text = 'x'.repeat(20_000);
    for (let batch = 0; batch < 4; batch += 1)
      await client.send(
        new BatchWriteCommand({
          RequestItems: {
            [TableName]: Array.from({ length: 20 }, (_, index) => ({
              PutRequest: { Item: { pk: 'b', sk: `${batch}-${index}`, ttl: 1, text } },
            })),
          },
        }),
      );
    expect(await sweepExpired(TableName, NOW)).toBe(80);
    expect(await left()).not.toContain('0-0');
  });

  it('cannot be made where nobody answers, and says so', async () => {
    const endpoint = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
    process.env['AWS_ENDPOINT_URL_DYNAMODB'] = 'http://127.0.0.1:1';
    process.env['AWS_MAX_ATTEMPTS'] = '1';
    await expect(ensureTable('other')).rejects.toThrow('ECONNREFUSED');
    process.env['AWS_ENDPOINT_URL_DYNAMODB'] = endpoint;
  });
});
