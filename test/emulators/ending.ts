// How the deployed stack changes and ends: over it comes one that watches services of its own, then one that watches
// fewer, then none. Registrations follow the stack through the custom resource.
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { errorsSince, ROUND_WITHIN_MS, roundsSince } from './deployed-api.ts';
import { deploy, type Deployed, STACK, synthesize, templateOf } from './deployment.ts';
import { leftOf } from './left-over.ts';
import { deleteStack, eventsOf, isGone } from './ministack-api.ts';
import { comeToRest } from './rest.ts';
import { folder, timed, until } from './where.ts';
import type { World } from './world.ts';

const REGISTRATION = 'Custom::LamplighterService';

/** The policies of queues that say something else in the second of two assemblies. */
function changedPolicies(first: string, second: string): string[] {
  const [before, after] = [first, second].map((name) => templateOf(join(folder, name)).Resources);
  return Object.entries(before ?? {})
    .filter(([id, { Type, Properties }]) => {
      const changed = JSON.stringify(after?.[id]?.Properties) !== JSON.stringify(Properties);
      return Type === 'AWS::SQS::QueuePolicy' && changed;
    })
    .map(([id]) => id);
}

export function describeEnding(world: World, settings: object): void {
  const changed = { ...settings, retentionDays: 60 };
  const told = async () => (await world.ask('GET', '/services/alone/events')).body['events'] as unknown[];
  const registrationsOf = ({ resources }: Deployed) =>
    resources.filter(({ type }) => type === REGISTRATION).map(({ physicalId }) => physicalId);
  const becomesHealthy = (id: string) =>
    timed(`${id} is healthy`, () =>
      until(id, 90_000, async () => (await world.ask('GET', `/services/${id}`)).body['health'] === 'healthy'),
    );
  let assembly: string;

  describe('a changed stack, deployed over the first', () => {
    it('loses nothing that was known', { timeout: 420_000 }, async () => {
      const known = await told();
      assembly = await synthesize('second', changed, { page: world.urlOf('page'), shop: world.urlOf('shop') });
      const since = Date.now();
      const before = world.stack?.resources ?? [];
      world.stack = await deploy(assembly);
      expect(world.stack.printed).not.toContain('(no changes)');
      // All that was there is still the same, but for policies of queues that have changed: MiniStack makes these anew.
      const now = new Map(world.stack.resources.map((each) => [each.logicalId, each]));
      const replaced = before.filter((each) => now.get(each.logicalId)?.physicalId !== each.physicalId);
      expect(before.length).toBeGreaterThan(100);
      expect(replaced.map(({ logicalId }) => logicalId).sort()).toEqual(changedPolicies('first', 'second').sort());
      expect((await world.ask('GET', '/services/service-1')).body).toMatchObject({ health: 'healthy' });
      expect(known.length).toBeGreaterThan(0);
      expect(await told()).toEqual(expect.arrayContaining(known));
      await timed('a round of the changed stack', () =>
        until('a round', ROUND_WITHIN_MS, async () => (await roundsSince(since)).length > 0),
      );
      expect(await errorsSince(world.begun)).toEqual([]);
    });

    it(
      'has registered what it watches, as CloudFormation filled it in, and they are watched',
      { timeout: 240_000 },
      async () => {
        expect(registrationsOf(world.stack!).sort()).toEqual(['default/page', 'default/shop']);
        for (const id of ['page', 'shop']) await becomesHealthy(id);
        const { body: page } = await world.ask('GET', '/services/page');
        expect(page).toMatchObject({
          spec: { probe: { url: world.urlOf('page') } },
          settings: { restart: { mode: 'off' } },
        });
        const { body: shop } = await world.ask('GET', '/services/shop');
        const [cluster] = world.physical('AWS::ECS::Cluster');
        const [service] = world.physical('AWS::ECS::Service');
        const step = { kind: 'ecs', cluster, service: service?.split('/').at(-1) };
        expect(shop).toMatchObject({ spec: { restart: { steps: [step] } }, settings: { restart: { mode: 'on' } } });
      },
    );

    it('removes what it watches no more, and nothing else', { timeout: 420_000 }, async () => {
      assembly = await synthesize('third', changed, { shop: world.urlOf('shop') });
      world.stack = await deploy(assembly);
      expect(registrationsOf(world.stack)).toEqual(['default/shop']);
      await until('its removal', 30_000, async () => (await world.ask('GET', '/services/page')).status === 404);
      expect((await world.ask('GET', '/services/shop')).body).toMatchObject({ health: 'healthy' });
      expect((await world.ask('GET', '/services/service-1')).status).toBe(200);
      expect(await errorsSince(world.begun)).toEqual([]);
    });
  });

  describe('a deleted stack', () => {
    it('leaves nothing but its table', { timeout: 600_000 }, async () => {
      // MiniStack deletes what is to be retained as well, so that the table stays can be seen in the template alone.
      const { Resources } = templateOf(assembly);
      const kept = Object.values(Resources).filter(({ DeletionPolicy }) => DeletionPolicy?.startsWith('Retain'));
      expect(kept.map(({ Type }) => Type)).toEqual(['AWS::DynamoDB::Table']);

      await comeToRest(world);
      await timed('stack deleted', async () => {
        await deleteStack(STACK);
        await until('the end', 50_000, async () => await isGone(STACK));
      });
      const ended = (await eventsOf(STACK)).filter(({ status }) => status.startsWith('DELETE_'));
      expect(ended.filter(({ status }) => status === 'DELETE_FAILED')).toEqual([]);
      // The function has answered; that `shop` was registered until now is what the test before has seen.
      const removed = ended.filter(({ type, status }) => type === REGISTRATION && status === 'DELETE_COMPLETE');
      expect(removed).toHaveLength(1);

      expect(await leftOf(STACK, world.clients)).toEqual([]);
    });
  });
}
