// Services of the deployed stack go down and come back: what the API says, what people are told, what is ordered.
import { CreateClusterCommand, CreateServiceCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';

import { errorsSince } from './deployed-api.ts';
import { subscribe, type Subscriber } from './subscriber.ts';
import { ministack, timed, until } from './where.ts';
import type { World } from './world.ts';

/** `alone` has no way to be restarted, `restartable` has an ECS service. */
export function describeOutage(world: World): void {
  let errors: Subscriber;
  let everything: Subscriber;
  const of = async (from: Subscriber, id: string) => (await from.received()).filter(({ service }) => service.id === id);
  const healthOf = async (id: string) => (await world.ask('GET', `/services/${id}`)).body['health'];
  const becomes = (id: string, health: string) =>
    timed(`${id} is ${health}`, () => until(health, 150_000, async () => (await healthOf(id)) === health));
  const eventsOf = async (id: string) =>
    ((await world.ask('GET', `/services/${id}/events`)).body['events'] as { kind: string }[]).map(({ kind }) => kind);
  const registration = (id: string, more: object = {}) => ({
    id,
    probe: { kind: 'http', url: world.urlOf(id), intervalSeconds: 10, timeoutSeconds: 2, retries: 0 },
    policy: { failureThreshold: 2, successThreshold: 1 },
    ...more,
  });

  describe('a service that goes down', () => {
    it('is seen to be well at first', { timeout: 320_000 }, async () => {
      const at = { accountId: ministack.accountId, topicArn: world.stack?.topicArn ?? '' };
      errors = await subscribe(world.clients, { ...at, name: 'errors', levels: ['error', 'critical'] });
      everything = await subscribe(world.clients, { ...at, name: 'everything' });
      const { ecs } = world.clients;
      await ecs.send(new CreateClusterCommand({ clusterName: 'prod' }));
      const containerDefinitions = [{ name: 'web', image: 'web', memory: 64 }];
      await ecs.send(new RegisterTaskDefinitionCommand({ family: 'web', containerDefinitions }));
      const service = { cluster: 'prod', serviceName: 'web', taskDefinition: 'web', desiredCount: 1 };
      await ecs.send(new CreateServiceCommand(service));
      const restart = { steps: [{ kind: 'ecs', cluster: 'prod', service: 'web' }] };
      for (const document of [registration('alone'), registration('restartable', { restart })])
        expect((await world.ask('PUT', `/services/${document.id}`, document)).status).toBe(201);
      for (const id of ['alone', 'restartable']) await becomes(id, 'healthy');
    });

    it('is unhealthy in the API, and people are told by level', { timeout: 300_000 }, async () => {
      for (const id of ['alone', 'restartable']) world.broken.add(id);
      await becomes('alone', 'unhealthy');
      const alert = await timed('its alert has arrived', () =>
        until('an alert', 60_000, async () => (await of(errors, 'alone'))[0]),
      );
      expect(alert).toMatchObject({ subject: '[ERROR] alone is unhealthy', level: 'error', kind: 'unhealthy' });
      const warning = await until('a warning', 60_000, async () => (await of(everything, 'restartable'))[0]);
      expect(warning).toMatchObject({ level: 'warning', kind: 'unhealthy' });
      expect((await of(errors, 'restartable')).filter(({ level }) => level === 'warning')).toEqual([]);
    });

    it('is restarted through ECS when it may be', { timeout: 120_000 }, async () => {
      const kinds = await timed('its restart was sent', () =>
        until('a restart', 90_000, async () => {
          const seen = await eventsOf('restartable');
          return seen.includes('restart_sent') && seen;
        }),
      );
      expect(kinds).toEqual(expect.arrayContaining(['unhealthy', 'restart_ordered', 'restart_begun']));
      expect(kinds).not.toContain('restart_held');
      const { body } = await world.ask('GET', '/services/restartable/restart');
      expect(body).toMatchObject({ kind: 'ecs', handle: expect.stringMatching(/^ecs-svc\//) });
      expect(await eventsOf('alone')).not.toContain('restart_ordered');
    });

    it('has recovered when it answers again, and who wants to hear it is told', { timeout: 240_000 }, async () => {
      for (const id of ['alone', 'restartable']) world.broken.delete(id);
      const recovered = await timed('it has recovered', () =>
        until('recovery', 150_000, async () =>
          (await of(everything, 'alone')).find(({ kind }) => kind === 'recovered'),
        ),
      );
      expect(recovered).toMatchObject({ level: 'info' });
      expect((await of(errors, 'alone')).map(({ kind }) => kind)).toEqual(['unhealthy']);
      expect(await healthOf('alone')).toBe('healthy');
      expect(await errorsSince(world.begun)).toEqual([]);
    });
  });
}
