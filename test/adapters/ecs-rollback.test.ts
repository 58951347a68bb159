import { afterEach, describe, expect, it } from 'vitest';

import { definition, ecsOrder, ecsService, ecsStep, ecsTask, openEcsWire, type Seen } from '../fixtures/ecs-wire.ts';

const step = ecsStep('rollback');
const order = ecsOrder;
const { signal } = new AbortController();
let wire: Awaited<ReturnType<typeof openEcsWire>> | undefined;
afterEach(() => wire?.close());

async function open(seen: Seen) {
  wire = await openEcsWire(() => seen);
  return wire.restarter;
}
const listing = (...names: string[]) => {
  const asked: unknown[] = [];
  const ListTaskDefinitions = (input: unknown) => {
    asked.push(input);
    return { taskDefinitionArns: names.map(definition) };
  };
  return { asked, more: { ListTaskDefinitions } };
};

describe('rolling an ECS service back', () => {
  it('is to the active revision before the one that runs', async () => {
    const { asked, more } = listing('api:5', 'api:4', 'api:3');
    const restarter = await open({ more });
    expect(await restarter.inspect(step, signal)).toEqual({
      kind: 'ready',
      identity: 'ecs-svc/1',
      pin: definition('api:4'),
    });
    expect(asked).toEqual([{ familyPrefix: 'api', status: 'ACTIVE', sort: 'DESC' }]);
  });

  it('is to what ran to completion last, where the service still shows that', async () => {
    const deployment = (id: string, status: string, rolloutState: string, name: string) => {
      return { id, status, rolloutState, taskDefinition: definition(name) };
    };
    const service = ecsService({
      deployments: [deployment('b', 'PRIMARY', 'FAILED', 'api:5'), deployment('a', 'ACTIVE', 'COMPLETED', 'api:3')],
    });
    const restarter = await open({ service, more: listing('api:5', 'api:4', 'api:3').more });
    expect(await restarter.inspect(step, signal)).toMatchObject({ kind: 'ready', pin: definition('api:3') });
  });

  it.each([
    [['api:5'], undefined, 'has no active revision before api:5 to go back to'],
    [['api:6', 'api:5', 'api:4'], undefined, 'runs api:5 although api:6 is there: it is not gone back further'],
    [[], 'odd', 'runs odd, which is no revision of a task definition'],
  ])('is refused when the family has %o', async (names, taskDefinition, reason) => {
    const service = taskDefinition === undefined ? {} : { service: ecsService({ taskDefinition }) };
    const restarter = await open({ ...service, more: listing(...names).more });
    expect(await restarter.inspect(step, signal)).toEqual({
      kind: 'refused',
      reason: `ECS service prod/api ${reason}`,
    });
  });

  it('is left to ECS while its circuit breaker rolls back, unless what was ordered last is what rolls out', async () => {
    const service = ecsService({
      deployments: [
        { id: 'ecs-svc/3', status: 'PRIMARY', rolloutState: 'IN_PROGRESS' },
        { id: 'ecs-svc/2', status: 'ACTIVE', rolloutState: 'FAILED' },
      ],
    });
    const restarter = await open({ service, more: listing('api:5', 'api:4').more });
    for (const action of ['rollback', 'redeploy', 'stop-tasks'] as const)
      expect(await restarter.inspect(ecsStep(action), signal, 'ecs-svc/2')).toEqual({
        kind: 'refused',
        reason: 'ECS service prod/api is left alone: ECS rolls ecs-svc/2 back by ecs-svc/3',
      });
    expect((await restarter.inspect(step, signal, 'ecs-svc/3')).kind).toBe('ready');
  });

  it('sends the revision of the inspection and no more, and follows the deployment by its id', async () => {
    let sent: unknown;
    const UpdateService = (input: unknown) => {
      sent = input;
      return { service: ecsService({ deployments: [{ id: 'ecs-svc/2', status: 'PRIMARY' }] }) };
    };
    const restarter = await open({ more: { UpdateService } });
    expect(await restarter.send(step, { ...order, pin: definition('api:4') }, signal)).toBe('ecs-svc/2');
    expect(sent).toEqual({ cluster: 'prod', service: 'api', taskDefinition: definition('api:4') });
    await expect(restarter.send(step, order, signal)).rejects.toMatchObject({
      message: 'ECS service prod/api was not inspected',
      isTransient: false,
    });
  });

  it.each([
    ['redeploy', 'api:5', 'ecs-svc/2'],
    ['redeploy', 'api:6', undefined],
    ['redeploy', 'api:4', undefined],
    ['redeploy', 'web:5', undefined],
    ['rollback', 'api:4', 'ecs-svc/2'],
    ['rollback', 'api:5', undefined],
    ['rollback', 'api:6', undefined],
    ['rollback', undefined, 'ecs-svc/2'],
  ] as const)('of an order for a %s takes a newer deployment of %s for %s', async (action, name, found) => {
    const createdAt = order.begunAt / 1000 + 1;
    const taskDefinition = name && definition(name);
    const service = ecsService({
      deployments: [
        { id: 'ecs-svc/2', status: 'PRIMARY', rolloutState: 'IN_PROGRESS', createdAt, taskDefinition },
        { id: 'ecs-svc/1', status: 'ACTIVE', rolloutState: 'COMPLETED', taskDefinition: definition('api:5') },
      ],
    });
    expect(await (await open({ service })).find(ecsStep(action), order, signal)).toBe(found);
  });

  it('says which revision runs in place of which', async () => {
    const fresh = { id: 'ecs-svc/2', status: 'PRIMARY', rolloutState: 'COMPLETED', runningCount: 2 };
    const restarter = await open({
      service: ecsService({ deployments: [fresh] }),
      running: [ecsTask('new', { taskDefinitionArn: definition('api:4'), startedBy: 'ecs-svc/2' })],
      stopped: [ecsTask('old', { lastStatus: 'STOPPED', startedBy: 'ecs-svc/1' })],
    });
    expect(await restarter.look(step, { ...order, handle: 'ecs-svc/2' }, signal)).toEqual({
      kind: 'changed',
      identity: 'ecs-svc/2',
      detail: '2 of 2 tasks run; changed by the restart: the task definition is api:4, was api:5',
    });
  });
});
