import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListClustersCommand,
  ListServicesCommand,
  ListTasksCommand,
  StopTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ecsConfigSchema } from '../../local/aws/ecs/config.ts';
import { type LocalTask, serviceRecordSchema } from '../../local/aws/ecs/record.ts';
import { openStorage } from '../../local/storage.ts';
import {
  describeOne,
  type EcsBench,
  ecsClient,
  fixture,
  freePort,
  makeFolder,
  openEcs,
  pidAt,
  rolledOut,
  type Settings,
  task,
  until,
} from '../fixtures/local-ecs.ts';

let folder: ReturnType<typeof makeFolder>;
let bench: EcsBench | undefined;
let port: number;

const api = (more: Partial<Settings[number]> = {}): Settings[number] => ({
  ...{ cluster: 'prod', service: 'api', command: task('listen', port), port, env: folder.env },
  ...more,
});
async function open(...settings: Settings): Promise<ECSClient> {
  bench = await openEcs(folder.path, settings);
  return bench.client;
}
async function close() {
  await bench?.close();
  bench = undefined;
}
const redeploy = (client: ECSClient, service = 'api') =>
  client.send(new UpdateServiceCommand({ cluster: 'prod', service, forceNewDeployment: true }));
const newestTask = async (client: ECSClient, desiredStatus: 'RUNNING' | 'STOPPED' = 'STOPPED') => {
  const { taskArns } = await client.send(new ListTasksCommand({ cluster: 'prod', serviceName: 'api', desiredStatus }));
  if (!taskArns?.length) return undefined;
  return (await client.send(new DescribeTasksCommand({ cluster: 'prod', tasks: taskArns }))).tasks?.[0];
};
const isGone = (pid: number) => !folder.processes().includes(pid);

/** The local ECS in a process of its own, to be killed. */
async function startHost(settings: Settings) {
  const host = spawn(process.execPath, [fixture('ecs-host.ts'), folder.path, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(host.stdout, 'data')) as [Buffer];
  const client = ecsClient(Number(String(line)));
  const kill = async () => {
    client.destroy();
    host.kill('SIGKILL');
    await once(host, 'exit');
  };
  return { client, kill };
}

beforeEach(async () => {
  folder = makeFolder();
  port = await freePort();
});
afterEach(async () => {
  await close();
  expect(folder.clear(), 'processes left behind').toEqual([]);
});

describe('a local service', () => {
  it('runs as a real process and is described as ECS would', async () => {
    const client = await open(api());
    const service = await rolledOut(client, 'api');
    expect(service).toMatchObject({
      serviceName: 'api',
      serviceArn: 'arn:aws:ecs:us-east-1:000000000000:service/prod/api',
      status: 'ACTIVE',
      desiredCount: 1,
      runningCount: 1,
      pendingCount: 0,
      deploymentController: { type: 'ECS' },
      deployments: [{ status: 'PRIMARY', rolloutState: 'COMPLETED', runningCount: 1, desiredCount: 1 }],
    });
    expect(service.deployments?.[0]?.id).toMatch(/^ecs-svc\/\d{19}$/);
    expect(Math.abs(Date.now() - Number(service.deployments?.[0]?.createdAt))).toBeLessThan(15_000);
    expect(bench?.ecs.tasks()).toMatchObject([
      { service: 'api', lastStatus: 'RUNNING', process: { pid: await pidAt(port) } },
    ]);
    const log = () => readFileSync(join(folder.path, 'ecs-logs', 'prod-api.log'), 'utf8');
    await until('the log', () => log().includes('listen'));
  });

  it('is stopped when one-machine mode ends, and runs again when it begins anew', async () => {
    await rolledOut(await open(api()), 'api');
    const before = await pidAt(port);
    const deployment = (await describeOne(bench!.client, 'api')).deployments?.[0]?.id;
    await close();
    expect(isGone(before)).toBe(true);
    const client = await open(api());
    await until('a new process', async () => (await describeOne(client, 'api')).runningCount === 1);
    expect(await pidAt(port)).not.toBe(before);
    expect((await describeOne(client, 'api')).deployments?.[0]?.id).toBe(deployment);
  });

  it('counts as running without a port once it has lived a second', async () => {
    const client = await open(api({ command: task('deaf'), port: undefined }));
    const { deployments } = await rolledOut(client, 'api');
    expect(Number(deployments?.[0]?.updatedAt) - Number(deployments?.[0]?.createdAt)).toBeGreaterThanOrEqual(1_000);
  });

  it('takes a command for the shell', async () => {
    const client = await open(
      api({
        command: 'echo "by $0 for $WHO"; exec sleep 300',
        port: undefined,
        env: { ...folder.env, WHO: 'me' },
        cwd: '/',
      }),
    );
    await rolledOut(client, 'api');
    expect(readFileSync(join(folder.path, 'ecs-logs', 'prod-api.log'), 'utf8')).toBe('by /bin/sh for me\n');
  });

  it('takes the children of its process with it', async () => {
    const client = await open(api({ command: task('parent'), port: undefined }));
    await rolledOut(client, 'api');
    const [leader] = bench!.ecs.tasks();
    await until('two processes', () => folder.processes().length === 2);
    process.kill(leader!.process!.pid, 'SIGKILL');
    await until('none', () => folder.processes().length === 0);
  });
});

describe('a redeployment', () => {
  it('has PRIMARY and ACTIVE side by side, stops the old process first, and leaves one deployment', async () => {
    const client = await open(api({ command: task('stubborn', port), stopTimeoutSeconds: 0.5 }));
    const first = (await rolledOut(client, 'api')).deployments?.[0];
    const before = await pidAt(port);
    const { service } = await redeploy(client);
    const [primary, active] = service?.deployments ?? [];
    expect(primary).toMatchObject({ status: 'PRIMARY', rolloutState: 'IN_PROGRESS', runningCount: 0, desiredCount: 1 });
    expect(active).toMatchObject({ id: first?.id, status: 'ACTIVE', runningCount: 1, desiredCount: 1 });
    expect(primary?.id).not.toBe(first?.id);
    const after = await rolledOut(client, 'api');
    expect(after.deployments).toMatchObject([
      { id: primary?.id, status: 'PRIMARY', rolloutState: 'COMPLETED', runningCount: 1 },
    ]);
    expect(after.deployments).toHaveLength(1);
    expect(isGone(before)).toBe(true);
    expect(await pidAt(port)).not.toBe(before);
    const stopped = await newestTask(client);
    expect(stopped?.stoppedReason).toBe(`Replaced by deployment ${primary?.id}.`);
    expect(stopped?.containers?.[0]?.exitCode).toBe(137);
    expect(Number(stopped?.stoppedAt) - Number(stopped?.stoppingAt)).toBeGreaterThanOrEqual(500);
  });

  it('ends with SIGTERM alone when the process obeys', async () => {
    const client = await open(api({ stopTimeoutSeconds: 60 }));
    await rolledOut(client, 'api');
    await redeploy(client);
    await rolledOut(client, 'api');
    expect((await newestTask(client))?.containers?.[0]?.exitCode).toBe(143);
  });

  it('is superseded by a later one', async () => {
    const client = await open(api({ command: task('stubborn', port), stopTimeoutSeconds: 0.5 }));
    await rolledOut(client, 'api');
    const ours = (await redeploy(client)).service?.deployments?.[0]?.id;
    const later = await redeploy(client);
    expect(later.service?.deployments?.map(({ status }) => status)).toEqual(['PRIMARY', 'ACTIVE', 'ACTIVE']);
    expect(later.service?.deployments?.[1]).toMatchObject({ id: ours, desiredCount: 0, runningCount: 0 });
    const { deployments } = await rolledOut(client, 'api');
    expect(deployments?.map(({ id }) => id)).toEqual([later.service?.deployments?.[0]?.id]);
  });

  it('fails when the process ends', async () => {
    const client = await open(api({ command: task('die', 3) }));
    const { deployments, runningCount } = await rolledOut(client, 'api', 'FAILED');
    expect(deployments?.[0]?.rolloutStateReason).toMatch(/failed: The process ended with exit code 3\.$/);
    expect(deployments?.[0]?.failedTasks).toBe(1);
    expect(runningCount).toBe(0);
    expect((await newestTask(client))?.containers?.[0]?.exitCode).toBe(3);
    expect(bench?.lines.join('\n')).toMatch(/ecs prod\/api: ECS deployment .* failed: .*exit code 3/);
  });

  it('fails when nothing listens in time, and stops the process', async () => {
    const client = await open(api({ command: task('deaf'), startTimeoutSeconds: 0.3 }));
    const { deployments } = await rolledOut(client, 'api', 'FAILED');
    expect(deployments?.[0]?.rolloutStateReason).toContain(`Did not listen on port ${port} within 0.3 s.`);
    await until('no process', () => folder.processes().length === 0);
  });

  it('fails when the command does not exist', async () => {
    const client = await open(api({ command: ['/no/such/command'] }));
    const { deployments } = await rolledOut(client, 'api', 'FAILED');
    expect(deployments?.[0]?.rolloutStateReason).toContain('Could not be started: spawn /no/such/command ENOENT');
  });

  it('fails when a stranger holds the port, instead of taking the stranger for the service', async () => {
    const stranger = createServer().listen(port, '127.0.0.1');
    await once(stranger, 'listening');
    const { deployments } = await rolledOut(await open(api()), 'api', 'FAILED');
    stranger.close();
    expect(deployments?.[0]?.rolloutStateReason).toContain(`Port ${port} is held by another process.`);
  });

  it('brings back what has died, which nothing else does', async () => {
    const client = await open(api());
    const { deployments } = await rolledOut(client, 'api');
    const pid = await pidAt(port);
    process.kill(pid, 'SIGKILL');
    await until('the death', async () => (await describeOne(client, 'api')).runningCount === 0);
    expect(await newestTask(client)).toMatchObject({
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      startedBy: deployments?.[0]?.id,
      stoppedReason: 'The process ended with exit code 137.',
      containers: [{ exitCode: 137, runtimeId: String(pid) }],
    });
    expect((await describeOne(client, 'api')).deployments?.[0]).toMatchObject({
      rolloutState: 'COMPLETED',
      runningCount: 0,
    });
    await redeploy(client);
    expect((await rolledOut(client, 'api')).runningCount).toBe(1);
  });
});

describe('a stopped task', () => {
  it('is replaced when the settings ask for it, within the same deployment', async () => {
    const client = await open(api({ replaceStoppedTasks: true }));
    const before = await rolledOut(client, 'api');
    const running = await newestTask(client, 'RUNNING');
    const answer = await client.send(
      new StopTaskCommand({ cluster: 'prod', task: running!.taskArn, reason: 'a test' }),
    );
    expect(answer.task).toMatchObject({ taskArn: running?.taskArn, desiredStatus: 'STOPPED', stoppedReason: 'a test' });
    await until('another task', async () => {
      const now = await newestTask(client, 'RUNNING');
      return now?.lastStatus === 'RUNNING' && now.taskArn !== running?.taskArn;
    });
    expect((await newestTask(client))?.stoppedReason).toBe('a test');
    expect((await describeOne(client, 'api')).deployments?.[0]?.id).toBe(before.deployments?.[0]?.id);
  });

  it('is not replaced when they do not', async () => {
    const client = await open(api());
    await rolledOut(client, 'api');
    const running = await newestTask(client, 'RUNNING');
    await client.send(new StopTaskCommand({ cluster: 'prod', task: running!.taskArn }));
    await until('the stop', async () => (await newestTask(client))?.lastStatus === 'STOPPED');
    expect((await newestTask(client))?.stoppedReason).toBe('Task stopped by user');
    expect(bench?.ecs.tasks()).toEqual([]);
  });
});

describe('the death of the whole one-machine process', () => {
  it('leaves the services running; the next one adopts them with their deployments', async () => {
    const host = await startHost([api()]);
    const before = await rolledOut(host.client, 'api');
    const pid = await pidAt(port);
    await host.kill();
    expect(await pidAt(port)).toBe(pid);

    const client = await open(api());
    const after = await describeOne(client, 'api');
    expect(after.runningCount).toBe(1);
    expect(after.deployments?.[0]).toMatchObject({
      id: before.deployments?.[0]?.id,
      createdAt: before.deployments?.[0]?.createdAt,
      rolloutState: 'COMPLETED',
    });
    expect(bench?.ecs.tasks()).toMatchObject([{ process: { pid } }]);
    expect(await pidAt(port)).toBe(pid);

    process.kill(pid, 'SIGKILL'); // an adopted process is watched like any other
    await until('the death', async () => (await describeOne(client, 'api')).runningCount === 0);
  });

  it('does not stop a deployment that was under way', async () => {
    const settings = api({ command: task('stubborn', port), stopTimeoutSeconds: 1 });
    const host = await startHost([settings]);
    await rolledOut(host.client, 'api');
    const pid = await pidAt(port);
    const { service } = await redeploy(host.client);
    await host.kill();
    expect(await pidAt(port)).toBe(pid);

    const client = await open(settings);
    const { deployments } = await rolledOut(client, 'api');
    expect(deployments).toHaveLength(1);
    expect(deployments?.[0]).toMatchObject({
      id: service?.deployments?.[0]?.id,
      createdAt: service?.deployments?.[0]?.createdAt,
    });
    expect(await pidAt(port)).not.toBe(pid);
  });

  /** Changes what the dead process left on disk. */
  async function rewriteTask(change: (task: LocalTask) => LocalTask) {
    const storage = await openStorage(join(folder.path, 'store'));
    const store = storage.collection('ecs-services', serviceRecordSchema);
    const record = (await store.get('prod/api'))!;
    await store.put('prod/api', { ...record, tasks: record.tasks.map(change) });
    await storage.close();
  }

  it('between the launch of a process and the note of its pid leads to no second process', async () => {
    const host = await startHost([api()]);
    await rolledOut(host.client, 'api');
    const pid = await pidAt(port);
    await host.kill();
    await rewriteTask((one) => ({ ...one, lastStatus: 'PENDING', process: undefined }));
    const client = await open(api());
    await until('the adoption', async () => (await describeOne(client, 'api')).runningCount === 1);
    expect(bench?.ecs.tasks()).toMatchObject([{ process: { pid } }]);
    expect(folder.processes()).toEqual([pid]);
  });

  it('between the decision to launch and the launch leads to one process', async () => {
    const host = await startHost([api()]);
    await rolledOut(host.client, 'api');
    const pid = await pidAt(port);
    await host.kill();
    process.kill(pid, 'SIGKILL');
    await until('its end', () => isGone(pid));
    await rewriteTask((one) => ({ ...one, lastStatus: 'PENDING', process: undefined }));
    const client = await open(api());
    await until('the launch', async () => (await describeOne(client, 'api')).runningCount === 1);
    expect(folder.processes()).toEqual([await pidAt(port)]);
  });

  it('does not make a stranger with a reused pid the service, nor harm it', async () => {
    const host = await startHost([api()]);
    await rolledOut(host.client, 'api');
    const pid = await pidAt(port);
    await host.kill();
    process.kill(pid, 'SIGKILL');
    const stranger = spawn('sleep', ['300'], { detached: true, env: { ...process.env, ...folder.env } });
    await once(stranger, 'spawn');
    await rewriteTask((one) => ({ ...one, process: { pid: stranger.pid!, startTicks: one.process!.startTicks } }));
    const client = await open(api());
    await until('the death', async () => (await newestTask(client))?.stoppedReason === 'The process ended.');
    await redeploy(client);
    await rolledOut(client, 'api');
    expect(isGone(stranger.pid!)).toBe(false);
    stranger.kill('SIGKILL');
    await once(stranger, 'exit');
  });

  it('is noticed when the process died with it', async () => {
    const host = await startHost([api()]);
    await rolledOut(host.client, 'api');
    const pid = await pidAt(port);
    await host.kill();
    process.kill(pid, 'SIGKILL');
    const client = await open(api());
    await until('the death', async () => (await newestTask(client))?.stoppedReason === 'The process ended.');
    expect((await describeOne(client, 'api')).runningCount).toBe(0);
  });
});

describe('what the operations answer', () => {
  const call = (name: string, input: object) =>
    (bench!.ecs.service.operations[name] as (input: unknown) => Promise<unknown>)(input);

  it('lists clusters, services and tasks', async () => {
    const client = await open(api(), api({ cluster: 'test', service: 'job', desiredCount: 0 }));
    await rolledOut(client, 'api');
    expect((await client.send(new ListClustersCommand({}))).clusterArns?.toSorted()).toEqual([
      'arn:aws:ecs:us-east-1:000000000000:cluster/prod',
      'arn:aws:ecs:us-east-1:000000000000:cluster/test',
    ]);
    const inTest = await client.send(
      new ListServicesCommand({ cluster: 'arn:aws:ecs:us-east-1:000000000000:cluster/test' }),
    );
    expect(inTest.serviceArns).toEqual(['arn:aws:ecs:us-east-1:000000000000:service/test/job']);
    expect((await client.send(new ListTasksCommand({ cluster: 'test' }))).taskArns).toEqual([]);
    expect((await client.send(new ListTasksCommand({ cluster: 'prod' }))).taskArns).toHaveLength(1);
  });

  it('gives MISSING for a service and a task it does not know, with 200', async () => {
    const client = await open(api({ desiredCount: 0 }));
    const answer = await client.send(new DescribeServicesCommand({ cluster: 'prod', services: ['api', 'gone'] }));
    expect(answer.services).toHaveLength(1);
    expect(answer.failures).toEqual([
      { arn: 'arn:aws:ecs:us-east-1:000000000000:service/prod/gone', reason: 'MISSING' },
    ]);
    const tasks = await client.send(new DescribeTasksCommand({ cluster: 'prod', tasks: ['abc'] }));
    expect(tasks.failures?.[0]?.reason).toBe('MISSING');
  });

  it('refuses what ECS refuses, by the same names', async () => {
    const client = await open(
      api({ desiredCount: 0 }),
      api({ service: 'blue', deploymentController: 'CODE_DEPLOY', desiredCount: 0 }),
    );
    const refused = (answer: Promise<unknown>) =>
      answer.then(
        () => 'taken',
        (error: Error) => error.name,
      );
    const update = (more: object) =>
      refused(client.send(new UpdateServiceCommand({ cluster: 'prod', service: 'api', ...more })));
    expect(
      await refused(client.send(new DescribeServicesCommand({ cluster: 'prod', services: Array(11).fill('api') }))),
    ).toBe('InvalidParameterException');
    expect(await refused(client.send(new DescribeServicesCommand({ cluster: 'prod', services: [] })))).toBe(
      'InvalidParameterException',
    );
    expect(await refused(client.send(new DescribeServicesCommand({ services: ['api'] })))).toBe(
      'ClusterNotFoundException',
    );
    expect(await update({ cluster: 'nowhere' })).toBe('ClusterNotFoundException');
    expect(await update({ service: 'gone' })).toBe('ServiceNotFoundException');
    expect(await update({ service: 'blue', forceNewDeployment: true })).toBe('InvalidParameterException');
    expect(await update({ service: 'blue', desiredCount: 0 })).toBe('taken');
    expect(await update({ desiredCount: 2 })).toBe('InvalidParameterException');
    expect(await update({ taskDefinition: 'other:3' })).toBe('InvalidParameterException');
    expect(await refused(client.send(new StopTaskCommand({ cluster: 'prod', task: 'abc' })))).toBe(
      'InvalidParameterException',
    );
    await expect(call('UpdateService', { cluster: 'prod' })).rejects.toThrow(/^service: /);
  });

  it('shows no deployments for services that another controller deploys', async () => {
    const client = await open(api({ deploymentController: 'EXTERNAL', desiredCount: 0 }));
    expect(await describeOne(client, 'api')).toMatchObject({
      deployments: [],
      deploymentController: { type: 'EXTERNAL' },
    });
  });

  it('scales to zero and back without a new deployment', async () => {
    const client = await open(api());
    const { deployments } = await rolledOut(client, 'api');
    const scale = (desiredCount: number) =>
      client.send(new UpdateServiceCommand({ cluster: 'prod', service: 'api', desiredCount }));
    expect((await scale(0)).service?.desiredCount).toBe(0);
    await until('zero', async () => (await describeOne(client, 'api')).runningCount === 0);
    expect((await newestTask(client))?.stoppedReason).toBe('The service was scaled to zero.');
    await close();
    const again = await open(api()); // what was asked for outlives a restart as long as the settings stay as they were
    expect(await describeOne(again, 'api')).toMatchObject({ desiredCount: 0, runningCount: 0 });
    await again.send(new UpdateServiceCommand({ cluster: 'prod', service: 'api', desiredCount: 1 }));
    await until('one', async () => (await describeOne(again, 'api')).runningCount === 1);
    expect((await describeOne(again, 'api')).deployments?.map(({ id }) => id)).toEqual([deployments?.[0]?.id]);
  });

  it('goes by the settings again when they were changed meanwhile', async () => {
    await rolledOut(await open(api({ desiredCount: 0 })), 'api');
    await close();
    const client = await open(api({ desiredCount: 1 }));
    await until('one', async () => (await describeOne(client, 'api')).runningCount === 1);
  });

  it('starts nothing for a service that is scaled to zero', async () => {
    const client = await open(api({ desiredCount: 0 }));
    const { deployments } = await rolledOut(client, 'api');
    expect(deployments).toMatchObject([{ desiredCount: 0, runningCount: 0 }]);
    expect(folder.processes()).toEqual([]);
  });

  it('shows a service that left the settings as DRAINING while its process still runs', async () => {
    const settings = api({ command: task('stubborn', port), stopTimeoutSeconds: 60 });
    const host = await startHost([settings]);
    await rolledOut(host.client, 'api');
    await host.kill();
    const client = await open(api({ service: 'other', desiredCount: 0 }));
    expect(await describeOne(client, 'api')).toMatchObject({ status: 'DRAINING', desiredCount: 0, runningCount: 1 });
    await expect(redeploy(client)).rejects.toMatchObject({ name: 'ServiceNotActiveException' });
    folder.processes().forEach((pid) => process.kill(pid, 'SIGKILL'));
    await until('INACTIVE', async () => (await describeOne(client, 'api')).status === 'INACTIVE');
  });

  it('takes a service out of service when the settings no longer have it', async () => {
    await rolledOut(await open(api()), 'api');
    const pid = await pidAt(port);
    await close();
    const client = await open(api({ service: 'other', port: undefined, command: task('deaf') }));
    expect(isGone(pid)).toBe(true);
    expect(await describeOne(client, 'api')).toMatchObject({ status: 'INACTIVE', desiredCount: 0 });
    await expect(redeploy(client)).rejects.toMatchObject({ name: 'ServiceNotActiveException' });
    expect((await client.send(new ListServicesCommand({ cluster: 'prod' }))).serviceArns).toHaveLength(1);
    await close();
    await rolledOut(await open(api()), 'api');
    await until('its return', async () => (await describeOne(bench!.client, 'api')).runningCount === 1);
  });
});

describe('the settings', () => {
  it('fill in what people leave out', () => {
    expect(ecsConfigSchema.parse([{ cluster: 'a', service: 'b', command: 'true' }])[0]).toMatchObject({
      ...{ stopTimeoutSeconds: 5, startTimeoutSeconds: 30, desiredCount: 1 },
      ...{ deploymentController: 'ECS', replaceStoppedTasks: false },
    });
  });

  it('name what is wrong', () => {
    const faults = (settings: unknown) =>
      ecsConfigSchema.safeParse(settings).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    const good = { cluster: 'a', service: 'b', command: 'true' };
    expect(faults([good, good])).toEqual(['1.service: a/b is there twice']);
    expect(faults([{ ...good, comand: 'x' }])?.[0]).toContain('Unrecognized key: "comand"');
    expect(faults([{ ...good, service: '../b' }])?.[0]).toContain('0.service: must be an ECS name');
    expect(faults([{ ...good, desiredCount: 2 }])).toHaveLength(1);
  });
});
