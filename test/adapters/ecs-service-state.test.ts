import { afterEach, describe, expect, it } from 'vitest';

import { createEcsServiceState } from '../../lambdas/adapters/ecs-service-state.ts';
import { ecsService, ecsStep, ecsTask, fault, openEcsWire, type Seen } from '../fixtures/ecs-wire.ts';

const { signal } = new AbortController();
let wire: Awaited<ReturnType<typeof openEcsWire>> | undefined;
afterEach(() => wire?.close());

async function open(seen: Seen) {
  wire = await openEcsWire(() => seen);
  return wire;
}
const stateOf = async (seen: Seen) => await createEcsServiceState((await open(seen)).client)('prod', 'api', signal);
const ended = (id: string, stoppedAt: number | undefined, more: object = {}) =>
  ecsTask(id, { lastStatus: stoppedAt === undefined ? 'STOPPING' : 'STOPPED', stoppedAt, ...more });

describe('the state of an ECS service', () => {
  it('of a healthy one is counts and deployments, from one call', async () => {
    const deployment = { id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED', createdAt: 1_700_000_000 };
    expect(await stateOf({ service: ecsService({ deployments: [deployment] }) })).toEqual({
      ...{ desired: 2, running: 2, pending: 0, stopping: 0 },
      deployments: [{ status: 'PRIMARY', rolloutState: 'COMPLETED', failedTasks: 0, createdAt: 1_700_000_000_000 }],
      lastStopReason: undefined,
      lastStoppedAt: undefined,
    });
    expect(wire?.calls).toEqual(['DescribeServices']);
  });

  it('of one with a task on each host says so, for ECS counts the hosts for what is wanted', async () => {
    const service = ecsService({ schedulingStrategy: 'DAEMON', desiredCount: 0, runningCount: 0 });
    expect(await stateOf({ service })).toMatchObject({ desired: 0, running: 0, isDaemon: true });
    expect(await stateOf({ service: ecsService({ schedulingStrategy: 'REPLICA' }) })).not.toHaveProperty('isDaemon');
  });

  it('of one of which fewer run than should has why the last task stopped, without secrets', async () => {
    const service = ecsService({ runningCount: 1, pendingCount: 1 });
    const containers = [
      { name: 'api', exitCode: 137, reason: 'OutOfMemoryError: TOKEN=abc' },
      { name: 'proxy', reason: 'CannotPullContainerError' },
      { name: 'quiet' },
    ];
    const stopped = [
      ended('old', 1_700_000_000, { stoppedReason: 'long ago' }),
      ended('new', 1_700_000_060, { stoppedReason: 'Essential container in task exited', containers }),
    ];
    expect(await stateOf({ service, stopped })).toMatchObject({
      ...{ desired: 2, running: 1, pending: 1, stopping: 0, lastStoppedAt: 1_700_000_060_000 },
      lastStopReason:
        'task new: Essential container in task exited; api exited with 137: OutOfMemoryError: TOKEN=***; proxy did not run: CannotPullContainerError',
    });
  });

  it.each([
    ['a task was lost', 'Essential container in task exited', 1_700_000_600_000],
    ['it was scaled in, and now out again', 'Scaling activity initiated by deployment ecs-svc/1', undefined],
  ])('of one of which fewer run than should has since when that is so: %s', async (_, stoppedReason, shortSince) => {
    const service = ecsService({ runningCount: 1 });
    const stopped = [ended('lost', 1_700_000_600, { startedAt: 1_700_000_000, stoppedReason })];
    const running = [ecsTask('left', { startedAt: 1_700_000_000 }), ecsTask('new', { lastStatus: 'PENDING' })];
    expect((await stateOf({ service, stopped, running }))?.shortSince).toBe(shortSince);
  });

  it('of one with more tasks than ECS lists takes the others for as old', async () => {
    const service = ecsService({ desiredCount: 131, runningCount: 130 });
    const running = Array.from({ length: 100 }, (_, index) => ecsTask(`r${index}`, { startedAt: 1_700_000_000 }));
    const stopped = [ended('lost', 1_700_000_600, { startedAt: 1_700_000_000 })];
    expect((await stateOf({ service, stopped, running }))?.shortSince).toBe(1_700_000_600_000);
  });

  it('tells tasks that still stop from those that have stopped', async () => {
    const deleted = ended('long over', 1_600_000_000, { lastStatus: 'DELETED' });
    const stopped = [ended('over', 1_700_000_000), deleted, ended('a', undefined), ended('b', undefined)];
    expect(await stateOf({ service: ecsService({ runningCount: 1 }), stopped })).toMatchObject({
      ...{ stopping: 2, lastStopReason: 'task a: no reason given', lastStoppedAt: undefined },
    });
  });

  it.each([{ status: 'INACTIVE' }, { status: 'DRAINING' }])('is none of one that is %o', async (more) => {
    expect(await stateOf({ service: ecsService(more) })).toBeUndefined();
  });

  it('is none in a cluster that is not there, and a fault when ECS cannot be asked', async () => {
    expect(await stateOf({ more: { DescribeServices: fault('ClusterNotFoundException') } })).toBeUndefined();
    await expect(stateOf({ more: { DescribeServices: fault('ThrottlingException') } })).rejects.toMatchObject({
      name: 'RestartError',
      isTransient: true,
    });
  });
});

describe('what a restart of an ECS service would destroy', () => {
  const evidenceOf = async (seen: Seen) => await (await open(seen)).restarter.evidence(ecsStep('redeploy'), signal);

  it('is its newest events, the ends of its tasks and what runs, five of each', async () => {
    const at = 1_700_000_000;
    const events = Array.from({ length: 7 }, (_, index) => ({
      createdAt: at - index,
      message: `(service api) ${index}`,
    }));
    const stopped = Array.from({ length: 7 }, (_, index) =>
      ended(`s${index}`, at + index, {
        stoppedReason: 'Task failed ELB health checks',
        containers: [{ name: 'api', exitCode: 1 }],
      }),
    );
    const running = [
      ecsTask('r0', { healthStatus: 'UNHEALTHY' }),
      ...Array.from({ length: 6 }, (_, index) => ecsTask(`r${index + 1}`)),
    ];
    const text = await evidenceOf({ service: ecsService({ events, runningCount: 7 }), stopped, running });
    expect(text?.split('\n')).toEqual([
      '7 of 2 tasks run, 0 are pending',
      'deployment ecs-svc/1 PRIMARY COMPLETED',
      ...[0, 1, 2, 3, 4].map((index) => `event ${new Date((at - index) * 1_000).toISOString()} (service api) ${index}`),
      ...[6, 5, 4, 3, 2].map(
        (index) =>
          `task s${index} api:5 STOPPED ${new Date((at + index) * 1_000).toISOString()} Task failed ELB health checks; api exited with 1`,
      ),
      'task r0 api:5 RUNNING UNHEALTHY',
      ...[1, 2, 3, 4].map((index) => `task r${index} api:5 RUNNING`),
    ]);
  });

  it('is none of a service that is not there', async () => {
    expect(await evidenceOf({ more: { DescribeServices: () => ({ services: [] }) } })).toBeUndefined();
  });
});
