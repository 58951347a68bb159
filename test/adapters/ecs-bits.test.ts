import { afterEach, describe, expect, it } from 'vitest';

import {
  definition,
  ecsOrder,
  ecsService,
  ecsStep,
  ecsTask,
  fault,
  openEcsWire,
  type Seen,
} from '../fixtures/ecs-wire.ts';

const step = ecsStep('redeploy');
const order = { ...ecsOrder, before: 'ecs-svc/0', handle: 'ecs-svc/1' };
const { signal } = new AbortController();
const image = '000000000000.dkr.ecr.us-east-1.amazonaws.com/api:stable';
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
let wire: Awaited<ReturnType<typeof openEcsWire>> | undefined;
afterEach(() => wire?.close());

const runs = (letter: string, more: object = {}) =>
  ecsTask(`task-${letter}`, { containers: [{ name: 'api', imageDigest: digest(letter) }], ...more });
const naming = (name: string | undefined) => ({
  DescribeTaskDefinition: () => ({ taskDefinition: { containerDefinitions: [{ name: 'api', image: name }] } }),
});
/** The tag stands for these now; undefined: it cannot be told. */
async function open(seen: Seen, tag: string[] | undefined) {
  wire = await openEcsWire(() => ({ more: naming(image), ...seen }), {
    digests: async () => await Promise.resolve(tag?.map(digest)),
  });
  return wire.restarter;
}
const ready = { kind: 'ready', identity: 'ecs-svc/1' };

describe('a redeploy', () => {
  it('is refused when the tag stands for other bits by now, and named with what to do', async () => {
    const restarter = await open({ running: [runs('a')] }, ['b']);
    expect(await restarter.inspect(step, signal)).toEqual({
      kind: 'refused',
      reason:
        `ECS service prod/api is left alone: its image ${image} now is sha256:bbbbbbbbbbbb while sha256:aaaaaaaaaaaa runs: ` +
        'a redeploy would deploy it. Deploy it on purpose, pin the image by its digest, or set restart.otherImages to report.',
    });
  });

  it('is allowed when the setting is to report it, and then nothing is looked up', async () => {
    const restarter = await open({ running: [runs('a')] }, ['b']);
    expect(await restarter.inspect(step, signal, undefined, 'report')).toEqual(ready);
    expect(wire?.calls).toEqual(['DescribeServices']);
  });

  it.each([
    ['stands for what runs', ['x', 'a']],
    ['cannot be looked up', undefined],
  ])('is allowed when the tag %s', async (_, tag) => {
    expect(await (await open({ running: [runs('a')] }, tag)).inspect(step, signal)).toEqual(ready);
  });

  it.each([
    ['a digest', `${image}@${digest('a')}`],
    ['an image of another registry', 'nginx:1'],
  ])('is allowed when the task definition names %s', async (_, name) => {
    expect(await (await open({ running: [runs('a')], more: naming(name) }, ['b'])).inspect(step, signal)).toEqual(
      ready,
    );
  });

  it('is refused when what runs is of another revision', async () => {
    const restarter = await open({ running: [runs('a', { taskDefinitionArn: definition('api:4') })] }, ['a']);
    expect(await restarter.inspect(step, signal)).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/is left alone: its tasks run api:4, and a redeploy would bring up api:5/),
    });
  });

  it('of a service of which nothing runs is held against what its present deployment ran last', async () => {
    const ended = (letter: string, startedBy: string) => runs(letter, { startedBy, lastStatus: 'STOPPED' });
    const mine = await open({ stopped: [ended('a', 'ecs-svc/1'), ended('b', 'ecs-svc/0')] }, ['b']);
    expect(await mine.inspect(step, signal)).toMatchObject({ kind: 'refused' });
    const others = await open({ stopped: [ended('a', 'ecs-svc/0')] }, ['b']);
    expect(await others.inspect(step, signal)).toEqual(ready);
  });

  it.each([
    ['ServerException', 500, true],
    ['AccessDeniedException', 400, false],
  ])('waits or fails, but is not sent, when ECS answers %s', async (code, status, isTransient) => {
    const restarter = await open({ running: [runs('a')], more: { DescribeTaskDefinition: fault(code, status) } }, [
      'a',
    ]);
    await expect(restarter.inspect(step, signal)).rejects.toMatchObject({
      message: `DescribeTaskDefinition api:5: ${code}: no`,
      isTransient,
    });
  });
});

describe('a redeploy that is done', () => {
  const done = ecsService({
    deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED', runningCount: 2 }],
  });
  const before = (letter: string) => runs(letter, { lastStatus: 'STOPPED', startedBy: 'ecs-svc/0' });
  const changed = (detail: string) => ({ kind: 'changed', identity: 'ecs-svc/1', detail });

  it('says which bits run in place of which', async () => {
    const elder = runs('c', { lastStatus: 'STOPPED', startedBy: 'ecs-svc/long-ago' });
    const restarter = await open({ service: done, running: [runs('b')], stopped: [before('a'), elder] }, undefined);
    expect(await restarter.look(step, order, signal)).toEqual(
      changed(
        '2 of 2 tasks run; changed by the restart: the image of api is sha256:bbbbbbbbbbbb, was sha256:aaaaaaaaaaaa',
      ),
    );
  });

  it('says nothing of it when the same runs', async () => {
    const restarter = await open({ service: done, running: [runs('a')], stopped: [before('a')] }, undefined);
    expect(await restarter.look(step, order, signal)).toEqual(changed('2 of 2 tasks run'));
  });

  it('is done also when the tasks cannot be looked at', async () => {
    const restarter = await open({ service: done, more: { ListTasks: fault('AccessDeniedException') } }, undefined);
    expect(await restarter.look(step, order, signal)).toEqual(changed('2 of 2 tasks run'));
  });

  it('does not look at tasks while it runs', async () => {
    const restarter = await open({ service: ecsService() }, undefined);
    expect((await restarter.look(step, order, signal)).kind).toBe('running');
    expect(wire?.calls).toEqual(['DescribeServices']);
  });
});
