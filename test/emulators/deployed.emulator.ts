// The true stack in MiniStack, from `cdk bootstrap` to what is left after it is deleted: one story, told in this order.
// What MiniStack does not do truly is not asserted: how a restart ends, paging, capacity, signatures, retained tables.
import { ListTopicsCommand } from '@aws-sdk/client-sns';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { errorsSince, roundsSince } from './deployed-api.ts';
import { bootstrap, deploy, STACK, synthesize, templateOf } from './deployment.ts';
import { apiNames, deleteStack, functionNames, isGone, logGroupNames, scheduleNames } from './ministack-api.ts';
import { describeOutage } from './outage.ts';
import { describeRounds } from './rounds.ts';
import { timed, until } from './where.ts';
import { World } from './world.ts';

const settings = { restart: { clusters: ['prod'] }, minIntervalSeconds: 10, retentionDays: 30 };
const world = new World();
let assembly: string;
beforeAll(async () => await world.open());
afterAll(async () => await world.close());

describe('the stack', () => {
  it('is deployed by the command line of CDK', { timeout: 180_000 }, async () => {
    await bootstrap();
    assembly = await synthesize('first', settings);
    world.stack = await deploy(assembly);
    process.stdout.write(`          ${world.stack.resources.length} resources\n`);
    expect(world.queues().length).toBeGreaterThanOrEqual(7);
    expect((await world.ask('GET', '/info')).body).toMatchObject({ version: expect.stringMatching(/^\d/) });
  });

  it('deployed again without a change, changes nothing', { timeout: 120_000 }, async () => {
    expect((await deploy(assembly)).printed).toContain('(no changes)');
  });
});

describeRounds(world);
describeOutage(world);

describe('the end of a stack', () => {
  const told = async () => (await world.ask('GET', '/services/alone/events')).body['events'] as unknown[];

  it('a changed stack is deployed over it, and nothing that it knew is lost', { timeout: 240_000 }, async () => {
    const known = await told();
    const changed = await synthesize('second', { ...settings, retentionDays: 60 });
    const since = Date.now();
    const again = await deploy(changed);
    expect(again.printed).not.toContain('(no changes)');
    expect(again.resources).toEqual(world.stack?.resources);
    expect((await world.ask('GET', '/services/service-1')).body).toMatchObject({ health: 'healthy' });
    expect(known.length).toBeGreaterThan(0);
    expect(await told()).toEqual(expect.arrayContaining(known));
    await timed('a round of the changed stack', () =>
      until('a round', 90_000, async () => (await roundsSince(since)).length > 0),
    );
    expect(await errorsSince(world.begun)).toEqual([]);
  });

  it('deleted, leaves nothing but its table', { timeout: 60_000 }, async () => {
    // MiniStack deletes what is to be retained as well, so that the table stays can be seen in the template alone.
    const { Resources } = templateOf(assembly);
    const kept = Object.values(Resources).filter(({ DeletionPolicy }) => DeletionPolicy?.startsWith('Retain'));
    expect(kept.map(({ Type }) => Type)).toEqual(['AWS::DynamoDB::Table']);

    await timed('stack deleted', async () => {
      await deleteStack(STACK);
      await until('the end', 50_000, async () => await isGone(STACK));
    });
    const { QueueUrls = [] } = await world.clients.sqs.send(new ListQueuesCommand({}));
    const { Topics = [] } = await world.clients.sns.send(new ListTopicsCommand({}));
    const left = [...QueueUrls, ...Topics.map(({ TopicArn }) => TopicArn), ...(await functionNames())];
    left.push(...(await scheduleNames()), ...(await apiNames()), ...(await logGroupNames()));
    expect(left.filter((name) => name?.includes(STACK))).toEqual([]);
  });
});
