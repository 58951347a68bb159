// The one-machine process is killed in the middle of an outage and begun again: nothing may be lost or done twice.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import { ListCommandsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it, type TestContext } from 'vitest';
import { stringify } from 'yaml';

import { apiClient, eventually, freePort, makeStage, openInbox } from './one-machine.ts';

const MAIN = join(import.meta.dirname, '../../local/main.ts');
const INSTANCE = 'i-0abc';
/** A message that died with the process is seen again a minute later at most, and the round that mends it after that. */
const HEALED_MS = 150_000;

type Way = 'ecs' | 'ssm';
type Scene = Awaited<ReturnType<typeof openScene>>;

/** One service, one process that looks after it, and everything they leave gone at the end. */
async function openScene(way: Way, { onTestFinished }: TestContext) {
  const stage = makeStage();
  onTestFinished(() => void stage.clear());
  const inbox = await openInbox();
  onTestFinished(() => inbox.close());
  const [port, apiPort, awsPort] = [await freePort(), await freePort(), await freePort()];
  const script = join(stage.path, 'start.sh');
  writeFileSync(script, `#!/bin/sh\n${stage.command('lamp', port, 3)}\n`);
  chmodSync(script, 0o755);
  writeFileSync(
    join(stage.path, 'lamplighter.yaml'),
    stringify({
      ssm: { instances: [{ id: INSTANCE }] },
      sns: { subscribers: [{ protocol: 'http', endpoint: inbox.endpoint }] },
      ...(way === 'ecs' && {
        ecs: { services: [{ cluster: 'prod', service: 'lamp', command: stage.command('lamp', port), port }] },
      }),
    }),
  );
  const step =
    way === 'ecs'
      ? { kind: 'ecs', cluster: 'prod', service: 'lamp' }
      : {
          kind: 'ssm',
          document: 'Lamplighter-RestartLinux',
          instanceIds: [INSTANCE],
          parameters: { startScript: script, port: String(port) },
        };
  const env = {
    ...stage.env,
    PATH: process.env['PATH'],
    HOME: stage.path,
    LAMPLIGHTER_PORT: String(apiPort),
    LAMPLIGHTER_AWS_PORT: String(awsPort),
    LAMPLIGHTER_DATA_DIR: join(stage.path, 'data'),
    LAMPLIGHTER_CONFIG: join(stage.path, 'lamplighter.yaml'),
  };
  const api = apiClient(`http://127.0.0.1:${apiPort}`);
  let child: ChildProcess | undefined;
  return {
    api,
    inbox,
    stage,
    awsUrl: `http://127.0.0.1:${awsPort}`,
    async begin() {
      child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'ignore', 'inherit'] });
      await eventually('the API', () => api.isUp(), 30_000);
    },
    /** Ends the process; SIGKILL is what a power cut does, for this process alone. */
    async end(signal: 'SIGKILL' | 'SIGTERM') {
      if (!child) throw new Error('there is no process');
      const exit = once(child, 'exit');
      child.kill(signal);
      return (await exit) as [code: number | null, signal: string | null];
    },
    /** A healthy service, watched; then its process is killed. */
    async breakIt() {
      if (way === 'ssm') spawn('/bin/sh', [script], { env, detached: true, stdio: 'ignore' }).unref();
      await eventually('the service', () => answers(port), 20_000);
      await api.register('lamp', port, step);
      await eventually('healthy', async () => (await api.service('lamp'))?.health === 'healthy', 30_000);
      process.kill(stage.lives('lamp').at(-1) ?? 0, 'SIGKILL');
    },
  };
}

const answers = (port: number) =>
  fetch(`http://127.0.0.1:${port}/health`).then(
    ({ ok }) => ok,
    () => false,
  );

const isPhase = async ({ api }: Scene, phase: string) => (await api.service('lamp'))?.restart.phase === phase;

type Moment = (scene: Scene) => Promise<boolean> | boolean;

async function play(context: TestContext, way: Way, isTheMoment: Moment): Promise<void> {
  const scene = await openScene(way, context);
  await scene.begin();
  await scene.breakIt();
  await eventually('the moment to die', () => isTheMoment(scene), 30_000);
  await scene.end('SIGKILL');
  await scene.begin();
  await expectHealedOnce(scene, way);
}

async function expectHealedOnce({ api, inbox, stage, awsUrl, end: endProcess }: Scene, way: Way): Promise<void> {
  const end = await eventually(
    'the end of the incident',
    async () => {
      const view = await api.service('lamp');
      return view?.health === 'healthy' && view.incident === null && view.pendingIntents === 0 && view;
    },
    HEALED_MS,
    async () => [await api.service('lamp'), (await api.events('lamp')).map(({ kind }) => kind)],
  );
  expect(end).toMatchObject({ totalRestarts: 1, restart: { phase: 'completed', outcome: 'verified' } });
  expect(stage.lives('lamp'), 'the service was begun once before and once after').toHaveLength(2);
  expect(await ordersAt(awsUrl, way), 'the one order that was sent').toEqual([end.restart.handle]);

  const events = (await api.events('lamp')).map(({ kind }) => (kind === 'restart_adopted' ? 'restart_sent' : kind));
  const [restart, verified] = [
    ['restart_ordered', 'restart_begun', 'restart_sent'],
    ['instance_changed', 'restart_completed', 'recovered'],
  ];
  // What was gathered may go down with the process; it is gathered no second time.
  expect(events.filter((kind) => kind === 'evidence').length).toBeLessThanOrEqual(1);
  const others = events.filter((kind) => kind !== 'evidence');
  expect(others.toSorted()).toEqual(['healthy', 'unhealthy', ...restart, ...verified].toSorted());

  const keys = (kind: string) =>
    new Set(inbox.alerts.filter((alert) => alert.kind === kind).map(({ deduplicationKey }) => deduplicationKey)).size;
  await eventually('the last alert', () => keys('recovered') > 0, 20_000);
  expect([...new Set(inbox.alerts.map(({ kind }) => kind))].sort()).toEqual(['recovered', 'unhealthy']);
  expect([keys('unhealthy'), keys('recovered')], 'one deduplication key for each kind').toEqual([1, 1]);

  expect(await endProcess('SIGTERM')).toEqual([0, null]);
  if (way === 'ecs') expect(stage.processes(), 'its local services end with it').toEqual([]);
}

/** The newest order as the AWS endpoint knows it. SSM lists every command; a further ECS order would be the primary one. */
async function ordersAt(endpoint: string, way: Way): Promise<(string | undefined)[]> {
  const settings = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  if (way === 'ssm') {
    const { Commands = [] } = await new SSMClient(settings).send(new ListCommandsCommand({}));
    return Commands.map(({ CommandId }) => CommandId);
  }
  const ask = new DescribeServicesCommand({ cluster: 'prod', services: ['lamp'] });
  const { services = [] } = await new ECSClient(settings).send(ask);
  return services.flatMap(({ deployments = [] }) => deployments.map(({ id }) => id));
}

describe('the process dies in the middle of an outage and comes back', { timeout: 180_000 }, () => {
  it.concurrent('right after the detection', async (context) => {
    await play(context, 'ecs', async ({ api }) => (await api.service('lamp'))?.health === 'unhealthy');
  });

  it.concurrent('while the restart is being carried out', async (context) => {
    await play(context, 'ecs', (scene) => isPhase(scene, 'restarting'));
  });

  it.concurrent('while the script runs on the host', async (context) => {
    await play(context, 'ssm', ({ stage }) => stage.lives('lamp').length === 2);
  });

  it.concurrent('while the restart is being verified', async (context) => {
    await play(context, 'ecs', (scene) => isPhase(scene, 'verifying'));
  });
});
