// What only a table can do wrong to the index of targets; what it promises is in test/fakes/store-contract.ts.
import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTable, StoreError } from '../../lambdas/adapters/dynamo-client.ts';
import { createDynamoTargetIndex } from '../../lambdas/adapters/dynamo-target-index.ts';
import { type Engine, loopbackClient, startEngine } from '../engine/engine.ts';
import { freePort } from '../fixtures/local-ecs.ts';

const { signal } = new AbortController();
const key = { tenant: 'default', id: 'billing' };
const targets = ['ecs#prod#billing'] as const;
const [target] = targets;
let engine: Engine;
beforeAll(async () => void (engine = await startEngine()));
afterAll(async () => await engine.stop());

describe('the index of targets on its table', () => {
  it('keeps one small item for each target and service', async () => {
    const { table } = await engine.freshTable();
    await createDynamoTargetIndex(table).point(key, targets, signal);
    const { Items } = await table.client.send(new ScanCommand({ TableName: table.name }));
    expect(Items).toEqual([{ pk: 'TARGET#ecs#prod#billing', sk: 'default#billing', ...key }]);
  });

  it('reads no pointer that it did not write', async () => {
    const { table } = await engine.freshTable();
    const Item = { pk: `TARGET#${target}`, sk: 'default#billing', tenant: 7 };
    await table.client.send(new PutCommand({ TableName: table.name, Item }));
    await expect(createDynamoTargetIndex(table).services(target, signal)).rejects.toThrow('tenant');
  });

  it.each(['point', 'unpoint', 'services'] as const)(
    'says what for, when the table cannot be reached: %s',
    async (name) => {
      const index = createDynamoTargetIndex(openTable('gone', loopbackClient(await freePort())));
      const calls = {
        point: () => index.point(key, targets, signal),
        unpoint: () => index.unpoint(key, targets, signal),
        services: () => index.services(target, signal),
      };
      const fault = await calls[name]().catch((error: unknown) => error);
      expect(fault).toBeInstanceOf(StoreError);
      expect((fault as StoreError).message).toMatch(/^the table failed for ecs#prod#billing: /);
    },
  );

  it.each(['point', 'unpoint', 'services'] as const)(
    'gives up as soon as the invocation is cut off: %s',
    async (name) => {
      const index = createDynamoTargetIndex((await engine.freshTable()).table);
      const cut = AbortSignal.abort();
      const calls = {
        point: () => index.point(key, targets, cut),
        unpoint: () => index.unpoint(key, targets, cut),
        services: () => index.services(target, cut),
      };
      await expect(calls[name]()).rejects.toThrow('AbortError');
    },
  );
});
