import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { ECSClient } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createEcsRestarter } from '../../lambdas/adapters/ecs-restarter.ts';
import type { RestartStep } from '../../lambdas/core/model/restart-spec.ts';
import { AwsFault, awsServer } from '../../local/aws/wire.ts';
import {
  type EcsBench,
  ecsClient,
  freePort,
  makeFolder,
  openEcs,
  pidAt,
  rolledOut,
  type Settings,
  task,
  until,
} from '../fixtures/local-ecs.ts';

const step: RestartStep = { kind: 'ecs', action: 'redeploy', cluster: 'prod', service: 'api', timeoutSeconds: 900 };
const { signal } = new AbortController();
const clean: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const act of clean.splice(0).reverse()) await act();
});

describe('the ECS restarter, against services that really run', () => {
  let folder: ReturnType<typeof makeFolder>;
  let port: number;
  let bench: EcsBench;
  const api = (more: Partial<Settings[number]> = {}): Settings[number] => ({
    ...{ cluster: 'prod', service: 'api', command: task('listen', port), port, env: folder.env },
    ...more,
  });
  async function open(...settings: Settings) {
    bench = await openEcs(folder.path, settings);
    clean.push(bench.close);
    return createEcsRestarter({ client: bench.client });
  }
  beforeEach(async () => {
    folder = makeFolder();
    clean.push(() => expect(folder.clear(), 'processes left behind').toEqual([]));
    port = await freePort();
  });

  it('restarts one: ready, sent, followed by its own id, changed', async () => {
    const restarter = await open(api());
    await rolledOut(bench.client, 'api');
    const pid = await pidAt(port);
    const ready = await restarter.inspect(step, signal);
    expect(ready).toEqual({ kind: 'ready', identity: expect.stringMatching(/^ecs-svc\/\d{19}$/) });
    const before = ready.kind === 'ready' ? ready.identity : '';
    const order = { restartId: 'r1', begunAt: Date.now(), sentAt: Date.now(), before, reason: 'down' };
    expect(await restarter.find(step, order, signal)).toBeUndefined();

    const handle = await restarter.send(step, order, signal);
    expect(handle).not.toBe(before);
    expect(await restarter.find(step, order, signal)).toBe(handle);
    expect(await restarter.inspect(step, signal)).toEqual({
      kind: 'refused',
      reason: `ECS service prod/api is left alone: a deployment is running (${handle})`,
    });
    expect(await restarter.look(step, { ...order, handle }, signal)).toEqual({
      kind: 'running',
      detail: '0 of 1 tasks run',
    });
    const end = await until('an end', async () => {
      const progress = await restarter.look(step, { ...order, handle }, signal);
      return progress.kind !== 'running' && progress;
    });
    expect(end).toEqual({ kind: 'changed', identity: handle, detail: '1 of 1 tasks run' });
    expect(await pidAt(port)).not.toBe(pid);
  });

  it('reports a deployment that fails, with the reason that ECS gives', async () => {
    const restarter = await open(api({ command: task('die', 3) }));
    await rolledOut(bench.client, 'api', 'FAILED');
    expect((await restarter.inspect(step, signal)).kind).toBe('ready'); // what has failed may be tried again
    const order = { restartId: 'r1', begunAt: Date.now(), sentAt: Date.now(), before: '', reason: 'down' };
    const handle = await restarter.send(step, order, signal);
    await rolledOut(bench.client, 'api', 'FAILED');
    expect(await restarter.look(step, { ...order, handle }, signal)).toEqual({
      kind: 'failed',
      reason: `ECS service prod/api: ECS deployment ${handle} failed: The process ended with exit code 3.`,
    });
  });

  it('sees that another deployment took over, while ours is still listed and after', async () => {
    const restarter = await open(api({ command: task('stubborn', port), stopTimeoutSeconds: 0.3 }));
    await rolledOut(bench.client, 'api');
    const order = { restartId: 'r1', begunAt: Date.now(), sentAt: Date.now(), before: 'ecs-svc/0', reason: 'down' };
    const ours = await restarter.send(step, order, signal);
    const theirs = await restarter.send(step, order, signal);
    const superseded = {
      kind: 'failed',
      reason: `ECS service prod/api: deployment ${ours} was superseded by ${theirs}`,
    };
    expect(await restarter.look(step, { ...order, handle: ours }, signal)).toEqual(superseded);
    await rolledOut(bench.client, 'api');
    expect(await restarter.look(step, { ...order, handle: ours }, signal)).toEqual(superseded);
    expect(await restarter.find(step, order, signal)).toBe(theirs);
  });

  it('refuses what must not be restarted, in words for people', async () => {
    const restarter = await open(
      api({ desiredCount: 0 }),
      api({ service: 'blue', deploymentController: 'CODE_DEPLOY', command: task('deaf'), port: undefined }),
      api({ service: 'own', deploymentController: 'EXTERNAL', command: task('deaf'), port: undefined }),
    );
    const reason = async (more: object) => {
      const seen = await restarter.inspect({ ...step, ...more } as RestartStep, signal);
      return seen.kind === 'refused' ? seen.reason : seen;
    };
    expect(await reason({})).toBe('ECS service prod/api is scaled to zero on purpose');
    expect(await reason({ service: 'gone' })).toBe('ECS service prod/gone does not exist');
    expect(await reason({ cluster: 'gone' })).toBe('ECS service gone/api does not exist');
    expect(await reason({ service: 'blue' })).toBe(
      'ECS service prod/blue is deployed by CODE_DEPLOY, which alone may start a deployment',
    );
    expect(await reason({ service: 'own' })).toBe(
      'ECS service prod/own is deployed by EXTERNAL, which alone may start a deployment',
    );
    const refusal = { name: 'RestartError', isTransient: false, cause: { name: 'InvalidParameterException' } };
    const order = { restartId: 'r1', begunAt: Date.now(), sentAt: Date.now(), before: '', reason: 'down' };
    await expect(restarter.send({ ...step, service: 'blue' }, order, signal)).rejects.toMatchObject(refusal);
  });
});

describe('the ECS restarter, against what ECS may answer', () => {
  const begunAt = 1_700_000_000_000;
  const order = { restartId: 'r1', begunAt, sentAt: begunAt, before: 'old', handle: 'ours', reason: 'down' };
  const deployment = (id: string, more: object = {}) => ({
    ...{
      id,
      status: 'PRIMARY',
      rolloutState: 'COMPLETED',
      desiredCount: 2,
      runningCount: 2,
      createdAt: begunAt / 1_000,
    },
    ...more,
  });
  const service = (deployments: object[], more: object = {}) => ({
    status: 'ACTIVE',
    desiredCount: 2,
    deployments,
    ...more,
  });

  async function listen(server: Server): Promise<ECSClient> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = ecsClient((server.address() as AddressInfo).port);
    clean.push(() => {
      client.destroy();
      server.close();
      server.closeAllConnections();
    });
    return client;
  }
  const script = (operations: Record<string, (input: unknown) => unknown>) =>
    listen(
      awsServer({
        json: [{ target: 'AmazonEC2ContainerServiceV20141113', operations }],
        query: async () => '',
        dynamodb: (_, response) => response.end(),
      }),
    );
  const seeing = async (seen: object | undefined, now = begunAt + 60_000) =>
    createEcsRestarter({
      client: await script({ DescribeServices: () => ({ services: seen ? [seen] : [] }) }),
      clock: { now: () => now },
    });
  const sending = async (update: (input: unknown) => unknown) =>
    createEcsRestarter({ client: await script({ UpdateService: update }) });
  const fault = (code: string, status?: number) => () => {
    throw new AwsFault(code, 'no', status);
  };

  const gradual = (strategy: string): [object, string] => [
    service([deployment('a')], { deploymentConfiguration: { strategy } }),
    `is deployed by ${strategy}: a restart would shift its whole traffic`,
  ];
  it.each<[object, string]>([
    [service([deployment('a')], { status: 'INACTIVE' }), 'is INACTIVE: it was deleted'],
    [service([deployment('a')], { status: 'DRAINING' }), 'is DRAINING: it was deleted'],
    ...['BLUE_GREEN', 'LINEAR', 'CANARY'].map(gradual),
    [
      service([deployment('a')], { desiredCount: 0, schedulingStrategy: 'DAEMON' }),
      'runs once on each host, and there is none for it',
    ],
    [service([deployment('a', { status: 'ACTIVE' })]), 'has no deployment to repeat'],
    [service([deployment('a', { rolloutState: 'IN_PROGRESS' })]), 'is left alone: a deployment is running (a)'],
    [
      // ECS gives a rollout state to rolling updates alone, and to none behind a Classic Load Balancer.
      service([
        deployment('b', { rolloutState: undefined }),
        deployment('a', { status: 'ACTIVE', rolloutState: undefined }),
      ]),
      'is left alone: a deployment is running (b)',
    ],
  ])('refuses %o', async (seen, reason) => {
    expect(await (await seeing(seen)).inspect(step, signal)).toEqual({
      kind: 'refused',
      reason: `ECS service prod/api ${reason}`,
    });
  });

  it('takes a service with no word of controller, strategy or rollout for an ordinary one', async () => {
    const seen = service([deployment('a', { rolloutState: undefined })], {
      deploymentConfiguration: {},
      somethingNew: 1,
    });
    expect(await (await seeing(seen)).inspect(step, signal)).toEqual({ kind: 'ready', identity: 'a' });
  });

  it.each([
    ['the one that stood before', [deployment('old')], undefined],
    ['one from long before the order', [deployment('x', { createdAt: begunAt / 1_000 - 5.001 })], undefined],
    ['one within the skew of the clocks', [deployment('x', { createdAt: begunAt / 1_000 - 5 })], 'x'],
    [
      'the newest of two',
      [deployment('x', { createdAt: begunAt / 1_000 + 1 }), deployment('y', { createdAt: begunAt / 1_000 + 2 })],
      'y',
    ],
    ['one whose time is unknown', [deployment('x', { createdAt: undefined })], undefined],
  ])('looks for its order and finds or leaves %s', async (_, deployments, found) => {
    expect(await (await seeing(service(deployments))).find(step, order, signal)).toBe(found);
  });

  it.each([
    [
      'running while fewer run',
      [deployment('ours', { runningCount: 1 })],
      { kind: 'running', detail: '1 of 2 tasks run' },
    ],
    [
      'running while not completed',
      [deployment('ours', { rolloutState: 'IN_PROGRESS' })],
      { kind: 'running', detail: '2 of 2 tasks run' },
    ],
    [
      'changed',
      [deployment('ours'), deployment('old', { status: 'ACTIVE' })],
      { kind: 'changed', identity: 'ours', detail: '2 of 2 tasks run' },
    ],
    [
      'changed without rollout state',
      [deployment('ours', { rolloutState: undefined })],
      { kind: 'changed', identity: 'ours', detail: '2 of 2 tasks run' },
    ],
    [
      'running without rollout state, as long as what it replaces still answers',
      [
        deployment('ours', { rolloutState: undefined }),
        deployment('old', { status: 'ACTIVE', rolloutState: undefined, runningCount: 1 }),
      ],
      { kind: 'running', detail: '2 of 2 tasks run' },
    ],
    [
      'running without rollout state',
      [deployment('ours', { rolloutState: undefined, runningCount: 0 })],
      { kind: 'running', detail: '0 of 2 tasks run' },
    ],
    [
      'failed without a reason',
      [deployment('ours', { rolloutState: 'FAILED' })],
      { kind: 'failed', reason: 'ECS service prod/api: deployment ours failed' },
    ],
    [
      'failed and rolled back, by its own reason rather than as superseded',
      [
        deployment('old'),
        deployment('ours', { status: 'ACTIVE', rolloutState: 'FAILED', rolloutStateReason: 'tasks failed to start' }),
      ],
      { kind: 'failed', reason: 'ECS service prod/api: tasks failed to start' },
    ],
    [
      'superseded and inactive',
      [deployment('x'), deployment('ours', { status: 'INACTIVE' })],
      { kind: 'failed', reason: 'ECS service prod/api: deployment ours was superseded by x' },
    ],
    [
      'gone, with none in its place',
      [],
      { kind: 'failed', reason: 'ECS service prod/api: deployment ours was superseded by none' },
    ],
  ])('looks and sees: %s', async (_, deployments, progress) => {
    expect(await (await seeing(service(deployments))).look(step, order, signal)).toEqual(progress);
  });

  it.each([
    ['sent when it was begun', begunAt],
    ['sent two minutes after it was begun, by the next invocation', begunAt + 120_000],
  ])('gives a deployment that reads do not show yet some time, and then no more: %s', async (_, sentAt) => {
    const look = async (now: number) =>
      await (await seeing(service([deployment('old')]), now)).look(step, { ...order, sentAt }, signal);
    expect(await look(sentAt + 29_999)).toEqual({ kind: 'running', detail: 'the deployment is not visible yet' });
    expect(await look(sentAt + 30_000)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('superseded by old'),
    });
  });

  it('fails when the service goes away or is scaled to zero during the restart', async () => {
    const deleted = { kind: 'failed', reason: 'ECS service prod/api: it was deleted during the restart' };
    expect(await (await seeing(undefined)).look(step, order, signal)).toEqual(deleted);
    const inactive = service([deployment('ours')], { status: 'INACTIVE' });
    expect(await (await seeing(inactive)).look(step, order, signal)).toEqual(deleted);
    const none = service([deployment('ours', { desiredCount: 0, runningCount: 0 })], { desiredCount: 0 });
    expect(await (await seeing(none)).look(step, order, signal)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('scaled to zero'),
    });
  });

  it('sends nothing but the wish for a new deployment', async () => {
    let sent: unknown;
    const restarter = await sending((input) => {
      sent = input;
      return { service: service([deployment('old', { status: 'ACTIVE' }), deployment('new')]) };
    });
    expect(await restarter.send(step, order, signal)).toBe('new');
    expect(sent).toEqual({ cluster: 'prod', service: 'api', forceNewDeployment: true });
  });

  it.each([[{}], [{ service: service([]) }]])(
    'asks to be called again when the answer names no deployment: %o',
    async (answer) => {
      await expect((await sending(() => answer)).send(step, order, signal)).rejects.toMatchObject({
        message: 'UpdateService prod/api: the answer names no deployment',
        isTransient: true,
      });
    },
  );

  it.each([
    'AccessDeniedException',
    'InvalidParameterException',
    'ServiceNotActiveException',
    'ClusterNotFoundException',
    'ServiceNotFoundException',
  ])('takes %s for a refusal that will last', async (code) => {
    await expect((await sending(fault(code))).send(step, order, signal)).rejects.toMatchObject({
      name: 'RestartError',
      message: `UpdateService prod/api: ${code}: no`,
      isTransient: false,
      cause: { name: code },
    });
  });

  it.each([
    ['ThrottlingException', 400],
    ['ServerException', 500],
    ['SomethingNew', 503],
    ['TooManyRequestsException', 429],
    ['ExpiredTokenException', 400],
  ])('takes %s (%i) for trouble that may pass, and never sends the order twice', async (code, status) => {
    let sent = 0;
    const restarter = await sending(() => {
      sent += 1;
      throw new AwsFault(code, 'no', status);
    });
    await expect(restarter.send(step, order, signal)).rejects.toMatchObject({
      isTransient: true,
      cause: { name: code },
    });
    expect(sent).toBe(1);
  });

  it('takes a connection that is cut for trouble that may pass, and does not send again', async () => {
    let connections = 0;
    const client = await listen(
      createServer((request) => request.socket.destroy()).on('connection', () => (connections += 1)),
    );
    await expect(createEcsRestarter({ client }).send(step, order, signal)).rejects.toMatchObject({ isTransient: true });
    expect(connections).toBe(1);
  });

  it('takes its own abort for trouble that may pass', async () => {
    const client = await listen(createServer(() => {}));
    const abort = new AbortController();
    const asked = createEcsRestarter({ client }).inspect(step, abort.signal);
    abort.abort();
    await expect(asked).rejects.toMatchObject({
      name: 'RestartError',
      isTransient: true,
      cause: { name: 'AbortError' },
    });
  });

  it('lets the SDK repeat what only reads', async () => {
    let asked = 0;
    const client = await script({
      DescribeServices: () => {
        asked += 1;
        if (asked === 1) throw new AwsFault('ServerException', 'no', 500);
        return { services: [service([deployment('a')])] };
      },
    });
    expect(await createEcsRestarter({ client }).inspect(step, signal)).toEqual({ kind: 'ready', identity: 'a' });
  });

  it('says so when it may not look', async () => {
    const client = await script({ DescribeServices: fault('AccessDeniedException') });
    await expect(createEcsRestarter({ client }).inspect(step, signal)).rejects.toMatchObject({
      message: 'DescribeServices prod/api: AccessDeniedException: no',
      isTransient: false,
    });
  });

  it('leaves a running deployment alone, unless it is its own of the last restart', async () => {
    const running = { id: 'ours', status: 'PRIMARY', rolloutState: 'IN_PROGRESS', desiredCount: 1, runningCount: 0 };
    const client = await script({
      DescribeServices: () => ({ services: [{ status: 'ACTIVE', desiredCount: 1, deployments: [running] }] }),
    });
    const restarter = createEcsRestarter({ client });
    expect(await restarter.inspect(step, signal)).toMatchObject({ kind: 'refused' });
    expect(await restarter.inspect(step, signal, 'another')).toMatchObject({ kind: 'refused' });
    expect(await restarter.inspect(step, signal, 'ours')).toEqual({ kind: 'ready', identity: 'ours' });
  });

  it('knows a deployment without rollout state by the one that it replaces', async () => {
    const stage = (status: string) =>
      service([
        deployment('ours', { rolloutState: undefined }),
        deployment('old', { status, rolloutState: undefined, runningCount: 0 }),
      ]);
    const inspect = async (status: string, prior?: string) =>
      await (await seeing(stage(status))).inspect(step, signal, prior);
    expect(await inspect('ACTIVE')).toMatchObject({ kind: 'refused' });
    expect(await inspect('ACTIVE', 'ours')).toEqual({ kind: 'ready', identity: 'ours' });
    expect(await inspect('INACTIVE')).toEqual({ kind: 'ready', identity: 'ours' });
  });

  it('leaves a blue/green deployment alone that has no rollout state, also for an action that deploys nothing', async () => {
    const seen = service(
      [
        deployment('green', { rolloutState: undefined }),
        deployment('blue', { status: 'ACTIVE', rolloutState: undefined }),
      ],
      { deploymentConfiguration: { strategy: 'BLUE_GREEN' } },
    );
    expect(await (await seeing(seen)).inspect({ ...step, action: 'stop-tasks' }, signal)).toEqual({
      kind: 'refused',
      reason: 'ECS service prod/api is left alone: a deployment is running (green)',
    });
  });

  it('counts tasks against what the service wants, where a deployment has no rollout state', async () => {
    const fresh = { id: 'new', status: 'PRIMARY', desiredCount: 0, runningCount: 0 };
    const client = await script({
      DescribeServices: () => ({ services: [{ status: 'ACTIVE', desiredCount: 2, deployments: [fresh] }] }),
    });
    const order = { restartId: 'r', begunAt: 0, sentAt: 0, before: 'old', reason: 'x', handle: 'new' };
    expect(await createEcsRestarter({ client }).look(step, order, signal)).toEqual({
      kind: 'running',
      detail: '0 of 2 tasks run',
    });
  });

  it('takes an answer that it cannot read for a fault that will last', async () => {
    const client = await script({ DescribeServices: () => ({ services: [{ deployments: [{ status: 'PRIMARY' }] }] }) });
    await expect(createEcsRestarter({ client }).inspect(step, signal)).rejects.toMatchObject({
      isTransient: false,
      cause: { name: '$ZodError' },
    });
  });

  it('is not for steps of another kind', async () => {
    const ssm: RestartStep = {
      kind: 'ssm',
      document: 'Doc',
      instanceIds: ['i-0abc'],
      parameters: {},
      timeoutSeconds: 60,
    };
    const restarter = await seeing(undefined);
    await expect(restarter.inspect(ssm, signal)).rejects.toMatchObject({ name: 'RestartError', isTransient: false });
  });
});
