import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ECRClient } from '@aws-sdk/client-ecr';
import { DescribeTasksCommand, ListTasksCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createEcrImageSource } from '../../lambdas/adapters/ecr-image-source.ts';
import { createEcsRestarter } from '../../lambdas/adapters/ecs-restarter.ts';
import { createEcsServiceState } from '../../lambdas/adapters/ecs-service-state.ts';
import type { Restarter } from '../../lambdas/ports/restarter.ts';
import { ecsStep } from '../fixtures/ecs-wire.ts';
import {
  type EcsBench,
  freePort,
  makeFolder,
  openEcs,
  pidAt,
  rolledOut,
  type Settings,
  task,
  until,
} from '../fixtures/local-ecs.ts';

const { signal } = new AbortController();
const clean: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const act of clean.splice(0).reverse()) await act();
});

let folder: ReturnType<typeof makeFolder>;
let port: number;
let bench: EcsBench;
let restarter: Restarter;
const images: Record<string, string> = {};
const name = '000000000000.dkr.ecr.us-east-1.amazonaws.com/api:stable';
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
beforeEach(async () => {
  folder = makeFolder();
  clean.push(() => expect(folder.clear(), 'processes left behind').toEqual([]));
  port = await freePort();
});

async function open(more: Partial<Settings[number]>) {
  const settings = { cluster: 'prod', service: 'api', command: task('listen', port), port, env: folder.env, ...more };
  bench = await openEcs(folder.path, [settings], undefined, images);
  clean.push(bench.close);
  const { endpoint, region, credentials } = bench.client.config;
  const ecr = new ECRClient({ endpoint: endpoint!, region, credentials, maxAttempts: 1 });
  clean.push(() => ecr.destroy());
  restarter = createEcsRestarter({ client: bench.client, images: createEcrImageSource(ecr) });
}
/** Inspects, sends and follows to the end. */
async function restart(action: Parameters<typeof ecsStep>[0], restartId = 'rst-1-a0') {
  const step = ecsStep(action);
  const seen = await restarter.inspect(step, signal);
  if (seen.kind === 'refused') return seen;
  const order = { restartId, begunAt: Date.now(), sentAt: Date.now(), before: seen.identity, reason: 'down' };
  const handle = await restarter.send(step, { ...order, pin: seen.pin }, signal);
  expect(await restarter.find(step, order, signal), 'found again').toBe(handle);
  return await until('an end', async () => {
    const progress = await restarter.look(step, { ...order, handle }, signal);
    return progress.kind !== 'running' && progress;
  });
}
const healthNow = async () => {
  const { taskArns } = await bench.client.send(new ListTasksCommand({ cluster: 'prod', serviceName: 'api' }));
  if (!taskArns?.[0]) return undefined;
  return (await bench.client.send(new DescribeTasksCommand({ cluster: 'prod', tasks: taskArns }))).tasks?.[0]
    ?.healthStatus;
};

describe('the actions of the ECS restarter, against services that really run', () => {
  it('stop-tasks stops what its health check calls unhealthy, and ECS puts another in its place', async () => {
    const well = join(folder.path, 'well');
    writeFileSync(well, '');
    const healthCheck = { command: `test -e ${well}`, intervalSeconds: 0.1, retries: 2 };
    await open({ healthCheck, replaceStoppedTasks: true });
    await rolledOut(bench.client, 'api');
    await until('HEALTHY', async () => (await healthNow()) === 'HEALTHY');
    const pid = await pidAt(port);
    await expect(restart('stop-tasks')).rejects.toMatchObject({ isTransient: false });
    expect(await pidAt(port)).toBe(pid);

    rmSync(well);
    await until('UNHEALTHY', async () => (await healthNow()) === 'UNHEALTHY');
    expect(await restart('stop-tasks')).toEqual({
      kind: 'changed',
      identity: expect.stringMatching(/^ecs-svc\/\d+ without [0-9a-f]{32}$/),
      detail: '1 of 1 tasks run after 1 unhealthy one was stopped',
    });
    expect(await pidAt(port)).not.toBe(pid);
    expect(existsSync(well)).toBe(false);
  });

  it('rollback brings the revision before back, once and no further', async () => {
    await open({ revisions: [{ command: task('listen', port) }, { command: task('die', 3) }] });
    await rolledOut(bench.client, 'api', 'FAILED');
    expect(await restarter.evidence(ecsStep('rollback'), signal)).toMatch(
      /^0 of 1 tasks run, 0 are pending\ndeployment .* FAILED .*\ntask [0-9a-f]{32} api:3 STOPPED .* The process ended with exit code 3\.; api exited with 3$/,
    );
    expect(await createEcsServiceState(bench.client)('prod', 'api', signal)).toMatchObject({
      ...{ desired: 1, running: 0, deployments: [{ rolloutState: 'FAILED' }] },
      lastStopReason: expect.stringMatching(/: The process ended with exit code 3\.; api exited with 3$/),
    });
    expect(await restart('rollback')).toMatchObject({
      kind: 'changed',
      detail: '1 of 1 tasks run; changed by the restart: the task definition is api:2, was api:3',
    });
    expect(await pidAt(port)).toBeGreaterThan(0);
    expect(await restart('rollback')).toEqual({
      kind: 'refused',
      reason: 'ECS service prod/api runs api:2 although api:3 is there: it is not gone back further',
    });
  });

  it('redeploy is refused when the tag has moved on, and reported where that is allowed', async () => {
    images[name] = digest('a');
    await open({ image: name });
    await rolledOut(bench.client, 'api');
    expect(await restart('redeploy')).toMatchObject({ kind: 'changed', detail: '1 of 1 tasks run' });

    images[name] = digest('b');
    const pid = await pidAt(port);
    expect(await restart('redeploy')).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(`its image ${name} now is sha256:bbbbbbbbbbbb while sha256:aaaaaaaaaaaa runs`),
    });
    expect(await pidAt(port)).toBe(pid);

    const step = ecsStep('redeploy');
    const seen = await restarter.inspect(step, signal, undefined, 'report');
    const order = {
      restartId: 'r',
      begunAt: Date.now(),
      sentAt: Date.now(),
      reason: 'down',
      before: seen.kind === 'ready' ? seen.identity : '',
    };
    const handle = await restarter.send(step, order, signal);
    expect(
      await until('an end', async () => {
        const progress = await restarter.look(step, { ...order, handle }, signal);
        return progress.kind !== 'running' && progress;
      }),
    ).toMatchObject({
      kind: 'changed',
      detail:
        '1 of 1 tasks run; changed by the restart: the image of api is sha256:bbbbbbbbbbbb, was sha256:aaaaaaaaaaaa',
    });

    delete images[name];
    expect(await restart('redeploy')).toMatchObject({
      kind: 'refused',
      reason: `ECS service prod/api is left alone: its image ${name} is not in the registry any more, so a redeploy could not start.`,
    });
  });

  it('a redeploy of what somebody else has just deployed is not made', async () => {
    await open({ revisions: [{ command: task('deaf') }], startTimeoutSeconds: 60 });
    await bench.client.send(new UpdateServiceCommand({ cluster: 'prod', service: 'api', taskDefinition: 'api:1' }));
    expect(await restart('redeploy')).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('is left alone: a deployment is running'),
    });
    await rolledOut(bench.client, 'api');
  });
});
