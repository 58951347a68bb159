// The true stack in MiniStack, from `cdk bootstrap` to what is left after it is deleted: one story, told in this order.
// What MiniStack does not do truly is not asserted: how a restart ends, paging, capacity, signatures, retained tables.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { bootstrap, deploy, synthesize } from './deployment.ts';
import { describeDrill } from './drilling.ts';
import { describeEnding } from './ending.ts';
import { describeOutage } from './outage.ts';
import { describeRounds } from './rounds.ts';
import { World } from './world.ts';

// What is told together waits a minute in the queue; here queues must be seen to be worked off.
const alerts = { groupSeconds: 0 };
const settings = { alerts, restart: { clusters: ['prod'] }, minIntervalSeconds: 10, retentionDays: 30 };
const world = new World();
let assembly: string;
beforeAll(async () => await world.open());
afterAll(async () => await world.close());

describe('the stack', () => {
  it('is deployed by the command line of CDK', { timeout: 420_000 }, async () => {
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

describeDrill(world);
describeEnding(world, settings);
