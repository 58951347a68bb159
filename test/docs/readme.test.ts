// The README's own commands, run as a newcomer would, against the process that `npm start` starts.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { freePort } from '../../local/demo/stage.ts';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'lamplighter-readme-'));
let started: ChildProcess;
let printed = '';
const ports = { api: 0, aws: 0, hello: 0 };

/** The README's blocks, with free ports in place of its own, so that a running Lamplighter is not disturbed. */
const blocks = (): string[] => {
  const text = readFileSync(join(root, 'README.md'), 'utf8')
    .replaceAll('4680', String(ports.api))
    .replaceAll('4690', String(ports.hello));
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, body = '']) => body);
};
const run = (script: string) =>
  execFileSync('sh', ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
type Shown = { health: string; restart: { phase: string }; events: { kind: string }[] };
const api = async (path: string) => (await (await fetch(`http://127.0.0.1:${ports.api}${path}`)).json()) as Shown;

async function until(isReached: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(200)) if (await isReached()) return;
  throw new Error(`waited in vain for ${what}; it printed ${printed}`);
}

beforeAll(async () => {
  ports.api = await freePort();
  ports.aws = await freePort();
  ports.hello = await freePort();
  const config = readFileSync(join(root, 'docs/examples/one-machine.yaml'), 'utf8').replaceAll(
    '4690',
    String(ports.hello),
  );
  writeFileSync(join(folder, 'one-machine.yaml'), config);
  writeFileSync(join(folder, 'hello.mjs'), readFileSync(join(root, 'docs/examples/hello.mjs')));
  started = spawn(process.execPath, ['local/main.ts'], {
    cwd: root,
    env: {
      ...process.env,
      LAMPLIGHTER_PORT: String(ports.api),
      LAMPLIGHTER_AWS_PORT: String(ports.aws),
      LAMPLIGHTER_DATA_DIR: join(folder, 'data'),
      LAMPLIGHTER_CONFIG: join(folder, 'one-machine.yaml'),
    },
  });
  started.stdout?.on('data', (part) => (printed += part));
  started.stderr?.on('data', (part) => (printed += part));
  await until(() => printed.includes('Lamplighter is running'), 'the start');
}, 60_000);

afterAll(async () => {
  const ended = new Promise((resolve) => started.once('exit', resolve));
  started.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

it('leads a newcomer from the registration through an outage to its recovery', { timeout: 120_000 }, async () => {
  const [, , register = '', crash = '', look = ''] = blocks();
  expect(JSON.parse(run(register))).toMatchObject({ id: 'hello', outcome: 'created' });
  await until(async () => (await api('/services/hello')).health === 'healthy', 'health');
  run(crash);
  const seen = new Set<string>();
  await until(async () => {
    const { health, restart } = await api('/services/hello');
    seen.add(health).add(restart.phase);
    return restart.phase === 'completed' && health === 'healthy';
  }, 'the recovery');
  expect(seen).toContain('unhealthy');
  let kinds: string[] = [];
  // What happened is written down a moment after it happened.
  await until(async () => {
    kinds = (await api('/services/hello/events')).events.map(({ kind }) => kind);
    return kinds.includes('recovered') && kinds.includes('restart_completed');
  }, 'the whole chain');
  expect(kinds).toEqual(
    [
      'healthy',
      'unhealthy',
      'restart_ordered',
      'restart_begun',
      'evidence',
      'restart_sent',
      'instance_changed',
      'restart_completed',
      'recovered',
    ].reverse(),
  );
  expect(run(look)).toContain('"phase":"completed"');
  await until(() => printed.includes('Subject: [WARNING] Hello has recovered'), 'the mail');
  expect(printed.match(/Subject: /g)).toHaveLength(2);
});

it('looks back at it', () => {
  const back = blocks().find((block) => block.includes('/stats?')) ?? '';
  const lines = back.trim().split('\n');
  expect(lines).toHaveLength(3);
  const [stats = '', events = '', table = ''] = lines.map(run);
  expect(JSON.parse(stats)).toMatchObject({ window: { hours: 0 }, uptimePercent: null }); // no hour is over yet
  expect(JSON.parse(events)).toMatchObject({ nextBefore: null });
  expect(table.split('\r\n')[0]).toContain('kind');
  expect(table).toContain('restart_completed');
});
