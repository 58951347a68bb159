import { readFileSync } from 'node:fs';

import { afterEach, describe, expect, it } from 'vitest';

import type { EcsService } from '../../lambdas/adapters/ecs-answers.ts';
import { followRounds } from '../../lambdas/adapters/ecs-stop-rounds.ts';
import type { EcsTask } from '../../lambdas/adapters/ecs-task-answers.ts';
import { AwsFault } from '../../local/aws/wire.ts';
import { ecsOrder, ecsService, ecsStep, ecsTask, fault, openEcsWire, type Seen } from '../fixtures/ecs-wire.ts';

const step = ecsStep('stop-tasks');
const order = ecsOrder;
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

  it('stops ten at once, and no more', async () => {
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

  it('does not wait for one that ECS calls DELETED, which is what a stopped one is called last', async () => {
    const restarter = await open({ stopped: [ecsTask('a', { lastStatus: 'DELETED' })] });
    expect(await restarter.look(step, { ...order, handle: 'a' }, signal)).toMatchObject({ kind: 'changed' });
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

/** An ECS that replaces what is stopped: at the next look the old ones still stop, at the one after that new ones run. */
async function replacing(
  count: number,
  more: Readonly<{ service?: object; isReplacementIll?: boolean; refusing?: string; operations?: object }> = {},
) {
  let refusing = more.refusing;
  const isIll = (id: string, startedAt: number) => ({ ...ill(id, startedAt), lastStatus: 'RUNNING' });
  const running = Array.from({ length: count }, (_, index) => isIll(`t${String(index).padStart(3, '0')}`, index));
  const stopping: ReturnType<typeof isIll>[] = [];
  const stopped: (ReturnType<typeof isIll> & { stoppedReason: string })[] = [];
  const StopTask = ({ task, reason }: { task: string; reason: string }) => {
    if (refusing !== undefined && task.endsWith(refusing)) {
      refusing = undefined; // the first time
      throw new AwsFault('ThrottlingException', 'no', 400);
    }
    const at = running.findIndex(({ taskArn }) => taskArn === task);
    const [one] = running.splice(at, 1);
    stopping.push(one!);
    stopped.push({ ...one!, lastStatus: 'STOPPING', stoppedReason: reason });
    return {};
  };
  const service = () =>
    ecsService({ desiredCount: count, runningCount: running.length + stopping.length, ...more.service });
  const restarter = await open(() => ({
    service: service(),
    ...{ running, stopped, more: { StopTask, ...more.operations } },
  }));
  return {
    restarter,
    stopped,
    running,
    look: async (handle: string) => await restarter.look(step, { ...order, handle }, signal),
    /** What was stopped has stopped, and others run in its place. */
    replaces() {
      stopped.forEach((task) => (task.lastStatus = 'STOPPED'));
      for (const { taskArn } of stopping.splice(0)) {
        const fresh = ecsTask(`${taskArn.slice(-4)}-new`, { healthStatus: 'HEALTHY', startedAt: 1_800_000_000 });
        running.push({ ...fresh, ...(more.isReplacementIll && { healthStatus: 'UNHEALTHY' }) } as never);
      }
    },
  };
}
const named = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `t${String(from + index).padStart(3, '0')}`);

describe('stopping more unhealthy tasks than ten', () => {
  it('goes in rounds, each when the one before was replaced, until none is left, as the page says', async () => {
    const page = readFileSync(new URL('../../docs/healing.md', import.meta.url), 'utf8');
    const lines = /```rounds\n([\s\S]*?)```/.exec(page)?.[1]?.trim().split('\n') ?? [];
    const [, second, third, end] = lines.map((line) => line.split(' -> ')[1]);
    const { restarter, stopped, look, replaces } = await replacing(23);
    const handle = await restarter.send(step, order, signal);
    expect(handle.split(',')).toEqual(named(0, 10));
    expect(await look(handle)).toEqual({ kind: 'running', detail: '10 of 10 unhealthy tasks still stop' });
    expect(stopped).toHaveLength(10);

    replaces();
    expect(await look(handle)).toMatchObject({
      detail: second,
    });
    expect(stopped.slice(10).map(({ taskArn }) => taskArn.slice(-4))).toEqual(named(10, 20));
    expect(new Set(stopped.map(({ stoppedReason }) => stoppedReason)).size).toBe(1);
    expect(await look(handle)).toEqual({ kind: 'running', detail: '10 of 20 unhealthy tasks still stop' });

    replaces();
    const last = await look(handle);
    expect(last).toEqual({
      kind: 'running',
      detail: third,
      evidence: [
        '3 more unhealthy tasks are stopped, after 20; 0 are left',
        ...named(20, 23).map((id) => `task ${id} api:5 RUNNING UNHEALTHY`),
      ].join('\n'),
    });
    replaces();
    expect(await look(handle)).toEqual({
      kind: 'changed',
      identity: `ecs-svc/1 without ${named(0, 10).join(',')} and 13 more`,
      detail: end,
    });
    expect(stopped).toHaveLength(23);
  });

  it('does not begin a round before as many run as are wanted', async () => {
    const { restarter, stopped, look, replaces } = await replacing(12, { service: { runningCount: 11 } });
    const handle = await restarter.send(step, order, signal);
    replaces();
    expect(await look(handle)).toEqual({
      kind: 'running',
      detail: '11 of 12 tasks run after 10 unhealthy ones were stopped',
    });
    expect(stopped).toHaveLength(10);
  });

  it('goes on where whoever sent the first round died in the middle of it', async () => {
    const { restarter, stopped, look, replaces } = await replacing(5, { refusing: 't002' });
    await expect(restarter.send(step, order, signal)).rejects.toMatchObject({ isTransient: true });
    const handle = await restarter.find(step, order, signal);
    expect(handle).toBe('t000,t001');
    replaces();
    expect(await look(handle!)).toMatchObject({ detail: '3 more unhealthy tasks are stopped, after 2; 0 are left' });
    expect(stopped).toHaveLength(5);
  });

  it('goes on where whoever stopped a later round died in the middle of it, and never stops more than ten', async () => {
    const { restarter, stopped, look, replaces } = await replacing(40, { refusing: 't013' });
    const handle = await restarter.send(step, order, signal);
    replaces();
    await expect(look(handle)).rejects.toMatchObject({ isTransient: true });
    expect(stopped).toHaveLength(13);
    expect(await look(handle)).toEqual({ kind: 'running', detail: '3 of 13 unhealthy tasks still stop' });
    replaces();
    expect(await look(handle)).toMatchObject({ detail: '10 more unhealthy tasks are stopped, after 13; 17 are left' });
    expect(stopped.slice(13).map(({ taskArn }) => taskArn.slice(-4))).toEqual(named(13, 23));
  });

  it('leaves alone what was put there meanwhile and is ill again', async () => {
    const { restarter, stopped, look, replaces } = await replacing(2, { isReplacementIll: true });
    const handle = await restarter.send(step, order, signal);
    replaces();
    expect(await look(handle)).toMatchObject({
      kind: 'changed',
      detail: '2 of 2 tasks run after 2 unhealthy ones were stopped',
    });
    expect(stopped).toHaveLength(2);
  });

  it('begins no round where somebody has deployed meanwhile, and says what is left', async () => {
    const deployments = [{ id: 'ecs-svc/2', status: 'PRIMARY', rolloutState: 'IN_PROGRESS' }];
    const { restarter, stopped, look, replaces } = await replacing(12, { service: { deployments } });
    const handle = await restarter.send(step, order, signal);
    replaces();
    expect(await look(handle)).toMatchObject({
      kind: 'changed',
      detail:
        '12 of 12 tasks run after 10 unhealthy ones were stopped; 2 unhealthy ones are left: somebody has deployed meanwhile',
    });
    expect(stopped).toHaveLength(10);
  });

  it('ends after a hundred, and says what is left', async () => {
    const { restarter, stopped, look, replaces } = await replacing(104);
    const handle = await restarter.send(step, order, signal);
    for (let round = 2; round <= 10; round += 1) {
      replaces();
      expect(await look(handle)).toMatchObject({ kind: 'running', evidence: expect.any(String) });
    }
    replaces();
    expect(await look(handle)).toMatchObject({
      kind: 'changed',
      identity: expect.stringMatching(/ and 90 more$/),
      detail:
        '104 of 104 tasks run after 100 unhealthy ones were stopped; 4 unhealthy ones are left: no more than 100 are stopped by one restart',
    });
    expect(stopped).toHaveLength(100);
  });

  it('never stops more than a hundred, whoever died in the middle of a round', async () => {
    const { restarter, stopped, look, replaces } = await replacing(120, { refusing: 't002' });
    await expect(restarter.send(step, order, signal)).rejects.toMatchObject({ isTransient: true });
    const handle = (await restarter.find(step, order, signal))!;
    for (let round = 1; round <= 10; round += 1) {
      replaces();
      await look(handle);
    }
    expect(stopped).toHaveLength(100);
    replaces();
    expect(await look(handle)).toMatchObject({ kind: 'changed', detail: expect.stringContaining('; 20 unhealthy') });
  });

  it('counts those that are left beyond the first page of what ECS lists, as well as those that have stopped', async () => {
    const { restarter, stopped, running, look, replaces } = await replacing(345);
    // What others have stopped within the hour fills the first pages of the other list.
    for (let other = 0; other < 210; other += 1)
      stopped.unshift({ ...ill(`x${other}`), lastStatus: 'STOPPED', stoppedReason: 'Scaling activity' } as never);
    const handle = await restarter.send(step, order, signal);
    expect(await restarter.find(step, order, signal)).toBe(handle);
    replaces();
    expect(await look(handle)).toMatchObject({ detail: '10 more unhealthy tasks are stopped, after 10; 325 are left' });
    for (let round = 3; round <= 10; round += 1) {
      replaces();
      expect(await look(handle)).toMatchObject({ kind: 'running' });
    }
    replaces();
    const said = '245 unhealthy ones are left: no more than 100 are stopped by one restart';
    expect(await look(handle)).toMatchObject({ kind: 'changed', detail: expect.stringContaining(said) });
    expect([stopped.length, running.length]).toEqual([310, 345]);
  });

  it('leaves a round to whoever has begun it meanwhile, so that two at once stop no more than one', async () => {
    const bearing = 'Lamplighter rst-1-a0: ECS calls this task unhealthy';
    const seen = (id: string, more: Partial<EcsTask> = {}): EcsTask => {
      const usual = { lastStatus: 'RUNNING', desiredStatus: 'RUNNING', healthStatus: 'UNHEALTHY', containers: [] };
      return { taskArn: id, startedAt: new Date(0), ...usual, ...more };
    };
    let running = named(10, 40).map((id) => seen(id));
    const stopped = named(0, 10).map((id) => seen(id, { lastStatus: 'STOPPED', stoppedReason: bearing }));
    const counted: EcsService = {
      ...{ status: 'ACTIVE', desiredCount: 40, runningCount: 40, pendingCount: 0, events: [] },
      ...{ deploymentController: { type: 'ECS' }, deploymentConfiguration: { strategy: 'ROLLING' } },
      deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', desiredCount: 40, runningCount: 40, failedTasks: 0 }],
    };
    const asked: string[] = [];
    /** The other one has stopped three of the next ten by then. */
    const meanwhile = () => {
      for (const task of running.splice(0, 3))
        stopped.push({ ...task, lastStatus: 'STOPPING', stoppedReason: bearing });
    };
    const look = async (isBeside: boolean) =>
      await followRounds(
        {
          name: 'prod/api',
          service: async () => counted,
          listed: async (status) => {
            if (status === 'RUNNING' && isBeside) meanwhile();
            return { tasks: status === 'RUNNING' ? [...running] : [...stopped], isWhole: true };
          },
          described: async (ids) => [...running, ...stopped].filter(({ taskArn }) => ids.includes(taskArn)),
          stop: async ({ taskArn }) => (asked.push(taskArn), true),
        },
        { ...order, handle: named(0, 10).join(',') },
      );
    expect((await look(true)).progress).toEqual({ kind: 'running', detail: 'another invocation stops the next ones' });
    expect(asked).toEqual([]);
    running = named(13, 40).map((id) => seen(id));
    for (const task of stopped) task.lastStatus = 'STOPPED';
    expect((await look(false)).progress.kind).toBe('running');
    expect(asked).toEqual(named(13, 23));
  });

  it('finds the few that are ill on the last page, and stops no other', async () => {
    const { stopped, more } = stopping();
    const well = Array.from({ length: 230 }, (_, index) => ecsTask(`w${index}`, { healthStatus: 'HEALTHY' }));
    const restarter = await open({ running: [...well, ill('old', 1), ill('young', 2)], more });
    expect(await restarter.send(step, order, signal)).toBe('old,young');
    expect(stopped).toHaveLength(2);
    expect(wire?.calls).toEqual([
      ...['ListTasks', 'DescribeTasks', 'ListTasks', 'DescribeTasks', 'ListTasks', 'DescribeTasks'],
      ...['DescribeTasks', 'StopTask', 'StopTask'],
    ]);
  });

  it('does not stop what has become healthy while the others were looked through', async () => {
    const { stopped, more } = stopping();
    let asked = 0;
    const DescribeTasks = () => {
      const first = ill('a', 1);
      asked += 1;
      return { tasks: [asked === 1 ? first : { ...first, healthStatus: 'HEALTHY' }, ill('b', 2)] };
    };
    const restarter = await open({ running: [ill('a', 1), ill('b', 2)], more: { ...more, DescribeTasks } });
    expect(await restarter.send(step, order, signal)).toBe('b');
    expect(stopped.map(({ task }) => task)).toEqual([ecsTask('b').taskArn]);
  });

  it('looks at no more than a thousand tasks, and says so', async () => {
    const { restarter, look, replaces } = await replacing(1_150);
    const handle = await restarter.send(step, order, signal);
    expect(wire?.calls.filter((call) => call === 'ListTasks')).toHaveLength(10);
    replaces();
    expect(await look(handle)).toMatchObject({
      detail: '10 more unhealthy tasks are stopped, after 10; at least 990 are left',
    });
  });

  it('stops no more where so many have stopped that nobody can tell its own, nor goes on as if it had stopped none', async () => {
    const { restarter, stopped, look, replaces } = await replacing(12);
    const handle = await restarter.send(step, order, signal);
    const others = Array.from({ length: 1_001 }, (_, index) => ({
      ...ill(`x${index}`),
      ...{ lastStatus: 'STOPPED', stoppedReason: 'Scaling activity' },
    }));
    stopped.push(...(others as never[]));
    expect(await restarter.find(step, order, signal)).toBe(handle);
    replaces();
    expect(await look(handle)).toMatchObject({
      kind: 'changed',
      detail: expect.stringMatching(
        /; 2 unhealthy ones are left: too many tasks have stopped to tell which ones this restart has$/,
      ),
    });
    stopped.splice(0, 10);
    await expect(restarter.find(step, order, signal)).rejects.toMatchObject({
      message: 'ECS service prod/api: too many tasks have stopped to tell whether this restart has stopped some',
      isTransient: false,
    });
  });

  it('fails for good where a later round is not allowed any more', async () => {
    const bench = await replacing(12);
    const handle = await bench.restarter.send(step, order, signal);
    bench.replaces();
    const { running, stopped } = bench;
    const denied = await open({
      service: ecsService({ desiredCount: 12, runningCount: 12 }),
      ...{ running, stopped, more: { StopTask: fault('AccessDeniedException') } },
    });
    await expect(denied.look(step, { ...order, handle }, signal)).rejects.toMatchObject({ isTransient: false });
  });
});
