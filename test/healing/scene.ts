// A scene of healing: one real Lamplighter process, real local ECS services, a subscriber of the alerts, and everything
// that they leave behind gone at the end.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';

import type { TestContext } from 'vitest';
import { stringify } from 'yaml';

import { ecsClient, fixture, makeFolder } from '../fixtures/local-ecs.ts';
import { eventually, openInbox } from '../local/one-machine.ts';
import { healingClient } from './client.ts';

const MAIN = join(import.meta.dirname, '../../local/main.ts');
const INSTANCE = 'i-0abc';
export const CLUSTER = 'prod';

/** Ports that are free now, no two alike. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const ports = await Promise.all(
    servers.map(async (server) => {
      if (!server.listening) await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    }),
  );
  await Promise.all(servers.map(async (server) => await once(server.close(), 'close')));
  return ports;
}

export type Ward = { name: string; port: number; env?: Record<string, string>; revisions?: object[] };
type Stage = ReturnType<typeof makeFolder>;
export type Scene = Awaited<ReturnType<typeof openScene>>;

/** A local ECS service that writes down each of its lives. */
const ecsService = ({ path }: Stage, { name, port, ...rest }: Ward) => ({
  cluster: CLUSTER,
  service: name,
  port,
  command: `echo $$ >>${path}/${name}.lives; exec ${process.execPath} ${fixture('frail-service.mjs')} ${port}`,
  ...rest,
});

/** Looked at every two seconds, unhealthy after three failures; `more` lies over that. */
export const document = (port: number, more: object = {}) => ({
  probe: { kind: 'http', url: `http://127.0.0.1:${port}/health`, intervalSeconds: 2, timeoutSeconds: 1 },
  policy: { failureThreshold: 3, successThreshold: 2 },
  ...more,
});
export const redeploy = (service: string) => ({ kind: 'ecs', cluster: CLUSTER, service });
export const script = (restartScript: string) => ({
  ...{ kind: 'ssm', document: 'Lamplighter-RestartLinux', instanceIds: [INSTANCE], parameters: { restartScript } },
});

/** Begins Lamplighter over these services. `restart` is what its settings say of storms and slots. */
export async function openScene({ onTestFinished }: TestContext, wards: (folder: string) => Ward[], restart = {}) {
  const stage = makeFolder();
  onTestFinished(() => void stage.clear());
  const inbox = await openInbox();
  onTestFinished(() => inbox.close());
  const services = wards(stage.path);
  const [apiPort = 0, awsPort = 0] = await freePorts(2);
  const config = {
    restart,
    ssm: { instances: [{ id: INSTANCE }] },
    sns: { subscribers: [{ protocol: 'http', endpoint: inbox.endpoint }] },
    ecs: { services: services.map((ward) => ecsService(stage, ward)) },
  };
  writeFileSync(join(stage.path, 'lamplighter.yaml'), stringify(config));
  const child = beginLamplighter(stage, apiPort, awsPort);
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  });
  const api = healingClient(`http://127.0.0.1:${apiPort}`);
  await eventually('the API', () => api.isUp(), 60_000);
  for (const { name, port } of services) await eventually(`${name} to listen`, () => listens(port), 60_000);
  const begunAt = Date.now();
  return {
    api,
    inbox,
    path: stage.path,
    ecs: ecsClient(awsPort),
    /** The pids that a service has had. */
    lives: (name: string): number[] => livesIn(join(stage.path, `${name}.lives`)),
    kill: (name: string) => process.kill(livesIn(join(stage.path, `${name}.lives`)).at(-1) ?? 0, 'SIGKILL'),
    /** Writes an executable script; its path. */
    writeScript(name: string, lines: string): string {
      const file = join(stage.path, name);
      writeFileSync(file, `#!/bin/sh\n${lines}\n`);
      chmodSync(file, 0o755);
      return file;
    },
    /** Seconds since the scene began, for the report. */
    clock: () => Math.round((Date.now() - begunAt) / 100) / 10,
  };
}

function beginLamplighter({ path, env }: Stage, apiPort: number, awsPort: number): ChildProcess {
  return spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...env,
      PATH: process.env['PATH'],
      HOME: path,
      LAMPLIGHTER_PORT: String(apiPort),
      LAMPLIGHTER_AWS_PORT: String(awsPort),
      LAMPLIGHTER_DATA_DIR: join(path, 'data'),
      LAMPLIGHTER_CONFIG: join(path, 'lamplighter.yaml'),
    },
  });
}

const livesIn = (file: string): number[] =>
  existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];

const listens = (port: number) =>
  fetch(`http://127.0.0.1:${port}/active`).then(
    () => true,
    () => false,
  );
