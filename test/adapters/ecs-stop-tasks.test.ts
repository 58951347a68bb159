import { afterEach, describe, expect, it } from 'vitest';

import { ecsService, ecsStep, ecsTask, fault, openEcsWire, type Seen } from '../fixtures/ecs-wire.ts';

const step = ecsStep('stop-tasks');
const order = { restartId: 'rst-1-a0', begunAt: 1_700_000_000_000, before: 'ecs-svc/1', reason: 'down' };
const { signal } = new AbortController();
let wire: Awaited<ReturnType<typeof openEcsWire>> | undefined;
afterEach(() => wire?.close());

async function open(seen: Seen | (() => Seen)) {
  wire = await openEcsWire(typeof seen === 'function' ? seen : () => seen);
  return wire.restarter;
}
const ill = (id: string, startedAt = 0) => ecsTask(id, { healthStatus: 'UNHEALTHY', startedAt });
/** Takes note of what is stopped. */
function stopping(answer: (input: { task: string; reason: string }) => unknown = () => ({})) {
  const stopped: { task: string; reason: string }[] = [];
  const StopTask = (input: { task: string; reason: string; cluster: string }) => (stopped.push(input), answer(input));
  return { stopped, more: { StopTask } };
}

describe('stopping the unhealthy tasks of an ECS service', () => {
  it('stops those that ECS calls unhealthy, oldest first, and no other', async () => {
    const { stopped, more } = stopping();
    const well = ecsTask('well', { healthStatus: 'HEALTHY' });
    const restarter = await open({ running: [well, ill('young', 20), ill('old', 10), ecsTask('unknown')], more });
    expect(await restarter.inspect(step, signal)).toEqual({ kind: 'ready', identity: 'ecs-svc/1' });
    expect(await restarter.send(step, order, signal)).toBe('old,young');
    expect(stopped).toEqual(
      ['old', 'young'].map((id) => ({
        cluster: 'prod',
        task: ecsTask(id).taskArn,
        reason: 'Lamplighter rst-1-a0: ECS calls this task unhealthy',
      })),
    );
  });

  it('stops ten at most', async () => {
    const { stopped, more } = stopping();
    const restarter = await open({ running: Array.from({ length: 12 }, (_, index) => ill(`t${index}`, index)), more });
    expect((await restarter.send(step, order, signal)).split(',')).toHaveLength(10);
    expect(stopped).toHaveLength(10);
  });

  it('fails for good when ECS calls none unhealthy, so that the next step is tried', async () => {
    const restarter = await open({ running: [ecsTask('well', { healthStatus: 'HEALTHY' }), ecsTask('unknown')] });
    await expect(restarter.send(step, order, signal)).rejects.toMatchObject({
      name: 'RestartError',
      message: 'ECS service prod/api: ECS calls no task unhealthy',
      isTransient: false,
    });
  });

  it('does not count what ended by itself meanwhile', async () => {
    const gone = fault('InvalidParameterException');
    const { more } = stopping(({ task }) => (task.endsWith('gone') ? gone() : {}));
    const restarter = await open({ running: [ill('gone'), ill('there')], more });
    expect(await restarter.send(step, order, signal)).toBe('there');
    await expect((await open({ running: [ill('gone')], more })).send(step, order, signal)).rejects.toMatchObject({
      isTransient: false,
    });
  });

  it.each([
    ['AccessDeniedException', 400, false],
    ['ServerException', 500, true],
  ])('asks each task once, whatever %s says', async (code, status, isTransient) => {
    const { stopped, more } = stopping(fault(code, status));
    const restarter = await open({ running: [ill('a'), ill('b')], more });
    await expect(restarter.send(step, order, signal)).rejects.toMatchObject({ isTransient, cause: { name: code } });
    expect(stopped).toHaveLength(1);
  });

  it('finds its own order by the reason that the tasks bear, and no other', async () => {
    const bearing = (id: string, stoppedReason?: string) => ecsTask(id, { stoppedReason });
    const mine = 'Lamplighter rst-1-a0: ECS calls this task unhealthy';
    const others = [bearing('x', 'Lamplighter rst-1-a01: …'), bearing('y', 'Scaling activity'), bearing('z')];
    expect(await (await open({ stopped: others })).find(step, order, signal)).toBeUndefined();
    const found = await open({ stopped: [...others, bearing('a', mine), bearing('b', mine)] });
    expect(await found.find(step, order, signal)).toBe('a,b');
  });

  it('is done when none of them lives any more and as many run as are wanted', async () => {
    const sent = { ...order, handle: 'a,b' };
    const stopped = (id: string, lastStatus: string) => ecsTask(id, { lastStatus });
    const look = async (seen: Seen) => await (await open(seen)).look(step, sent, signal);
    expect(await look({ stopped: [stopped('a', 'STOPPED'), stopped('b', 'STOPPING')] })).toEqual({
      kind: 'running',
      detail: '1 of 2 unhealthy tasks still stop',
    });
    expect(await look({ service: ecsService({ runningCount: 1 }), stopped: [stopped('a', 'STOPPED')] })).toEqual({
      kind: 'running',
      detail: '1 of 2 tasks run after 2 unhealthy ones were stopped',
    });
    expect(await look({ stopped: [stopped('a', 'STOPPED'), stopped('b', 'STOPPED')] })).toEqual({
      kind: 'changed',
      identity: 'ecs-svc/1 without a,b',
      detail: '2 of 2 tasks run after 2 unhealthy ones were stopped',
    });
  });

  it('looks at the tasks before it counts what runs, lest it counts those that were about to stop', async () => {
    const restarter = await open({ stopped: [ecsTask('a', { lastStatus: 'STOPPED' })] });
    await restarter.look(step, { ...order, handle: 'a' }, signal);
    expect(wire?.calls.slice(0, 2)).toEqual(['DescribeTasks', 'DescribeServices']);
  });

  it('says it when what replaced them has other bits', async () => {
    const bits = (id: string, letter: string, lastStatus: string) =>
      ecsTask(id, { lastStatus, containers: [{ name: 'api', imageDigest: `sha256:${letter.repeat(64)}` }] });
    const restarter = await open({
      running: [bits('new', 'b', 'RUNNING')],
      stopped: [bits('a', 'a', 'STOPPED'), bits('long-gone', 'c', 'STOPPED')],
    });
    expect(await restarter.look(step, { ...order, handle: 'a' }, signal)).toMatchObject({
      kind: 'changed',
      detail:
        '2 of 2 tasks run after 1 unhealthy one was stopped; ' +
        'changed by the restart: the image of api is sha256:bbbbbbbbbbbb, was sha256:aaaaaaaaaaaa',
    });
  });

  it.each([
    [{ status: 'INACTIVE' }, 'it was deleted during the restart'],
    [{ desiredCount: 0 }, 'it was scaled to zero during the restart'],
  ])('fails when the service is %o meanwhile', async (more, reason) => {
    const restarter = await open({ service: ecsService(more) });
    expect(await restarter.look(step, { ...order, handle: 'a' }, signal)).toEqual({
      kind: 'failed',
      reason: `ECS service prod/api: ${reason}`,
    });
  });

  it('may be used where a deployment would shift all traffic, but not while one runs', async () => {
    const gradual = ecsService({ deploymentConfiguration: { strategy: 'BLUE_GREEN' } });
    expect((await (await open({ service: gradual })).inspect(step, signal)).kind).toBe('ready');
    const rolling = ecsService({ deployments: [{ id: 'ecs-svc/2', status: 'PRIMARY', rolloutState: 'IN_PROGRESS' }] });
    expect((await (await open({ service: rolling })).inspect(step, signal)).kind).toBe('refused');
  });
});
