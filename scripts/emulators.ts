// npm run test:emulators: deploys the real stack into third-party AWS emulators, and calls them with every adapter.
// Needs python3 and its package index for the first run; no Docker, no AWS, nothing beyond loopback after that.
// LAMPLIGHTER_LONG=1 watches the rounds for five minutes; arguments are passed to vitest.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Emulator, freePort, startEmulator } from './emulators/emulator.ts';
import { makeVenv } from './emulators/python.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const venv = join(root, '.venv');
const begun = Date.now();
const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1).padStart(6)} s`;

async function timed<T>(step: string, run: () => T | Promise<T>): Promise<T> {
  const since = Date.now();
  const result = await run();
  console.log(`${seconds(since)}  ${step}${typeof result === 'string' ? `: ${result}` : ''}`);
  return result;
}

await timed('Python environment', () => makeVenv(venv, join(root, 'test', 'emulators', 'requirements.txt')));
const folder = mkdtempSync(join(tmpdir(), 'lamplighter-emulators-'));
const running: Pick<Emulator, 'stop'>[] = [];
let ending: Promise<void> | undefined;
const end = () => (ending ??= stopAll());
async function stopAll(): Promise<void> {
  await Promise.all(running.map(({ stop }) => stop()));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => void end().finally(() => process.exit(1)));

/**
 * Nothing from the caller's own environment: no credentials, no profiles, no home. Node 24 comes first, because it runs
 * the functions.
 */
function scrubbed(accessKeyId: string): Record<string, string> {
  if (ending) throw new Error('interrupted');
  const home = join(folder, 'home');
  const temporary = join(folder, 'tmp');
  for (const each of [home, temporary]) mkdirSync(each, { recursive: true });
  const bins = [join(root, 'node_modules', '.bin'), join(venv, 'bin'), process.env['PATH'] ?? ''];
  return {
    PATH: bins.join(delimiter),
    HOME: home,
    TMPDIR: temporary,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(folder, 'none'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
  };
}

async function start(name: string, settings: Parameters<typeof startEmulator>[0]): Promise<void> {
  const emulator = startEmulator(settings);
  running.push(emulator);
  await timed(`${name} is up`, () => emulator.ready);
}

let code = 1;
try {
  const [ministackPort, motoPort] = [await freePort(), await freePort()];
  const ministack = `http://127.0.0.1:${ministackPort}`;
  const moto = `http://127.0.0.1:${motoPort}`;
  const loopback = { GATEWAY_PORT: String(ministackPort), BIND_HOST: '127.0.0.1' };
  await start('MiniStack', {
    command: join(venv, 'bin', 'ministack'),
    args: [],
    env: { ...scrubbed('000000000000'), ...loopback, IOT_MTLS_ENABLED: '0', SFTP_ENABLED: '0' },
    healthUrl: `${ministack}/_ministack/health`,
    logFile: join(folder, 'ministack.log'),
  });
  await start('moto', {
    command: join(venv, 'bin', 'moto_server'),
    args: ['-H', '127.0.0.1', '-p', String(motoPort)],
    env: { ...scrubbed('testing'), MOTO_ECS_SERVICE_RUNNING: '1' },
    healthUrl: `${moto}/moto-api/data.json`,
    logFile: join(folder, 'moto.log'),
  });
  code = await vitest({ LAMPLIGHTER_MINISTACK: ministack, LAMPLIGHTER_MOTO: moto, LAMPLIGHTER_FOLDER: folder });
} finally {
  await timed('emulators stopped, nothing left', end);
  console.log(`${seconds(begun)}  altogether`);
}
process.exit(code);

function vitest(where: Record<string, string>): Promise<number> {
  const { LAMPLIGHTER_LONG = '', CI = '' } = process.env;
  const child = spawn(
    'vitest',
    ['run', '--config', join(root, 'vitest.emulators.config.ts'), ...process.argv.slice(2)],
    { cwd: root, env: { ...scrubbed('000000000000'), ...where, LAMPLIGHTER_LONG, CI }, stdio: 'inherit' },
  );
  running.push({ stop: () => Promise.resolve(void child.kill()) });
  return new Promise((resolve, reject) => child.once('error', reject).once('exit', (status) => resolve(status ?? 1)));
}
