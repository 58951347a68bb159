import { afterEach, describe, expect, it } from 'vitest';

import { createEcsInventory } from '../../lambdas/adapters/ecs-inventory.ts';
import { AwsFault, type JsonService } from '../../local/aws/wire.ts';
import { makeFolder, openEcs } from '../fixtures/local-ecs.ts';
import { openWire } from '../fixtures/wire.ts';

const { signal } = new AbortController();
const clean: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const act of clean.splice(0).reverse()) await act();
});

describe('the inventory of ECS, against services that really run', () => {
  it('tells their names, tags and whether they are to run; of another cluster nothing', async () => {
    const folder = makeFolder();
    clean.push(() => expect(folder.clear(), 'processes left behind').toEqual([]));
    const common = { command: ['sleep', '600'], env: folder.env };
    const bench = await openEcs(folder.path, [
      { ...common, cluster: 'prod', service: 'web', tags: { 'lamplighter:id': 'shop', team: 'a b' } },
      { ...common, cluster: 'prod', service: 'asleep', desiredCount: 0 },
      { ...common, cluster: 'stage', service: 'web' },
    ]);
    clean.push(bench.close);
    const inventory = createEcsInventory(bench.client);
    expect(await inventory.services('prod', signal)).toEqual([
      {
        ...{ cluster: 'prod', service: 'web', isRunning: true, targetGroups: [] },
        tags: new Map([
          ['lamplighter:id', 'shop'],
          ['team', 'a b'],
        ]),
      },
      { cluster: 'prod', service: 'asleep', isRunning: false, targetGroups: [], tags: new Map() },
    ]);
    await expect(inventory.services('gone', signal)).rejects.toMatchObject({
      name: 'InventoryError',
      message: 'ListServices gone: ClusterNotFoundException',
    });
  });
});

describe('the inventory of ECS', () => {
  const arn = (name: string) => `arn:aws:ecs:us-east-1:000000000000:service/prod/${name}`;
  const names = (count: number) => Array.from({ length: count }, (_, n) => `web-${n}`);
  const described = (arns: readonly string[]) => ({
    services: arns.map((one) => ({ serviceName: one.split('/').at(-1), status: 'ACTIVE', desiredCount: 1 })),
  });
  async function inventory(operations: JsonService['operations']) {
    const wire = await openWire({ ecs: operations });
    clean.push(wire.close);
    return createEcsInventory(wire.ecs);
  }

  it('reads every page, ten services at a time, and asks for their tags', async () => {
    const asked: unknown[] = [];
    const all = names(25).map(arn);
    const found = await (
      await inventory({
        ListServices: (input) => {
          asked.push(input);
          const { nextToken } = input as { nextToken?: string };
          return nextToken === 'more'
            ? { serviceArns: all.slice(20) }
            : { serviceArns: all.slice(0, 20), nextToken: 'more' };
        },
        DescribeServices: (input) => {
          asked.push(input);
          return described((input as { services: string[] }).services);
        },
      })
    ).services('prod', signal);
    expect(found.map(({ service }) => service)).toEqual(names(25));
    expect(asked).toEqual([
      { cluster: 'prod', maxResults: 100 },
      { cluster: 'prod', maxResults: 100, nextToken: 'more' },
      ...[0, 10, 20].map((from) => ({ cluster: 'prod', services: all.slice(from, from + 10), include: ['TAGS'] })),
    ]);
  });

  it('asks for no description of nothing', async () => {
    expect(await (await inventory({ ListServices: () => ({ serviceArns: [] }) })).services('prod', signal)).toEqual([]);
  });

  it('tells target groups and tags, also those without a value, and leaves out what was deleted', async () => {
    const service = {
      ...{ serviceName: 'web', status: 'ACTIVE', desiredCount: 2 },
      loadBalancers: [{ targetGroupArn: 'a' }, { loadBalancerName: 'classic' }, { targetGroupArn: 'b' }],
      tags: [{ key: 'team' }, { key: 'x', value: 'y' }],
    };
    const found = await (
      await inventory({
        ListServices: () => ({ serviceArns: ['web', 'old', 'older'].map(arn) }),
        DescribeServices: () => ({
          services: [
            service,
            { ...service, serviceName: 'old', status: 'DRAINING' },
            { ...service, serviceName: 'older', status: 'INACTIVE' },
          ],
        }),
      })
    ).services('prod', signal);
    expect(found).toEqual([
      {
        ...{ cluster: 'prod', service: 'web', isRunning: true, targetGroups: ['a', 'b'] },
        tags: new Map([
          ['team', ''],
          ['x', 'y'],
        ]),
      },
    ]);
  });

  it('takes what went between the two calls for gone', async () => {
    const found = await (
      await inventory({
        ListServices: () => ({ serviceArns: ['web', 'old'].map(arn) }),
        DescribeServices: () => ({ ...described([arn('web')]), failures: [{ arn: arn('old'), reason: 'MISSING' }] }),
      })
    ).services('prod', signal);
    expect(found.map(({ service }) => service)).toEqual(['web']);
  });

  it.each([
    ['fails for a service', { failures: [{ arn: arn('old'), reason: 'ACCESS_DENIED' }] }],
    ['says nothing of a service', {}],
    ['is no answer', { services: [{ status: 'ACTIVE' }] }],
  ])('rejects rather than give half a list when a description %s', async (_, answer) => {
    const half = await inventory({
      ListServices: () => ({ serviceArns: ['web', 'old'].map(arn) }),
      DescribeServices: () => ({ ...described([arn('web')]), ...answer }),
    });
    await expect(half.services('prod', signal)).rejects.toMatchObject({
      name: 'InventoryError',
      message: expect.stringMatching(/^DescribeServices prod: /),
      cause: expect.any(Error),
    });
  });

  it('rejects when a later page fails', async () => {
    const half = await inventory({
      ListServices: (input) => {
        if ((input as { nextToken?: string }).nextToken) throw new AwsFault('AccessDeniedException', 'no');
        return { serviceArns: [arn('web')], nextToken: 'more' };
      },
    });
    await expect(half.services('prod', signal)).rejects.toThrow('ListServices prod: AccessDeniedException');
  });

  it('gives up as soon as the run is cut off', async () => {
    await expect((await inventory({})).services('prod', AbortSignal.abort())).rejects.toThrow(
      'ListServices prod: AbortError',
    );
  });
});
