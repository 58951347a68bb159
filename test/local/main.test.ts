// What `npm start` says to whoever starts it, by the real process.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { eventually, freePort, makeStage } from './one-machine.ts';

const MAIN = join(import.meta.dirname, '../../local/main.ts');

/** A place for processes; whatever is left of them ends with the test. */
async function openPlace() {
  const stage = makeStage();
  const children: ChildProcess[] = [];
  onTestFinished(async () => {
    for (const child of children) await endOf(child, 'SIGKILL');
    stage.clear();
  });
  const dataDir = join(stage.path, 'data');
  const config = join(stage.path, 'lamplighter.yaml');
  const command = stage.command('lamp', await freePort());
  writeFileSync(config, JSON.stringify({ ecs: { services: [{ cluster: 'c', service: 'lamp', command }] } }));
  const common = { ...stage.env, PATH: process.env['PATH'], HOME: stage.path, LAMPLIGHTER_CONFIG: config };
  return {
    stage,
    dataDir,
    start(env: Record<string, string>) {
      const ports = { LAMPLIGHTER_PORT: '0', LAMPLIGHTER_DATA_DIR: dataDir };
      const stdio = ['ignore', 'pipe', 'pipe'] as const;
      const child = spawn(process.execPath, [MAIN], { env: { ...common, ...ports, ...env }, stdio: [...stdio] });
      children.push(child);
      const said = { out: '', err: '' };
      child.stdout?.on('data', (part) => (said.out += part));
      child.stderr?.on('data', (part) => (said.err += part));
      return { child, said };
    },
  };
}

async function endOf(child: ChildProcess, signal?: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const closed = once(child, 'close');
  if (signal) child.kill(signal);
  return ((await closed) as [number | null])[0];
}

async function takenPort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('the start of one machine', { timeout: 60_000 }, () => {
  it('says where everything is, and how any AWS CLI gets there', async () => {
    const { start, dataDir } = await openPlace();
    const { child, said } = start({});
    await eventually(
      'the welcome',
      () => said.out.includes('Ctrl-C stops it'),
      40_000,
      () => said,
    );
    expect(said.out).toMatch(/API +http:\/\/127\.0\.0\.1:\d+ /);
    expect(said.out).toContain(`Data             ${dataDir}\n`);
    // AWS CLI 1 knows the second name of the region only.
    expect(said.out).toContain('AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 \\\n');
    expect([await endOf(child, 'SIGTERM'), said.err]).toEqual([0, '']);
  });

  it('is refused on the data folder of another, with the way out', async () => {
    const { start, dataDir } = await openPlace();
    const first = start({});
    await eventually(
      'the welcome',
      () => first.said.out.includes('Ctrl-C stops it'),
      40_000,
      () => first.said,
    );
    const second = start({});
    expect(await endOf(second.child)).toBe(1);
    expect(second.said).toEqual({
      out: '',
      err:
        `Another Lamplighter is using the data folder ${dataDir}.\n` +
        'Stop it, or give this one a folder and ports of its own with LAMPLIGHTER_DATA_DIR and LAMPLIGHTER_PORT.\n',
    });
    expect(await endOf(first.child, 'SIGTERM')).toBe(0);
  });

  it.each([
    ['LAMPLIGHTER_PORT', 'LAMPLIGHTER_AWS_PORT'],
    ['LAMPLIGHTER_AWS_PORT', 'LAMPLIGHTER_PORT'],
  ])('is refused when the port of %s is taken, and leaves no local service behind', async (taken, free) => {
    const { start, stage } = await openPlace();
    const port = await takenPort();
    const { child, said } = start({ [taken]: String(port), [free]: String(await freePort()) });
    expect(await endOf(child)).toBe(1);
    expect(said.out).toBe('');
    expect(said.err).toBe(
      `listen EADDRINUSE: address already in use 127.0.0.1:${port}\nAnother one is running? Choose another port with ${taken}.\n`,
    );
    expect([stage.lives('lamp'), stage.processes()]).toEqual([[], []]);
  });

  it('is refused with wrong settings, each by its name', async () => {
    const { start } = await openPlace();
    const { child, said } = start({ LAMPLIGHTER_PORT: 'http', LAMPLIGHTER_MIN_INTERVAL_SECONDS: '0' });
    expect(await endOf(child)).toBe(1);
    expect(said.out).toBe('');
    expect(said.err).toBe(
      'wrong settings in the environment:\n' +
        '  LAMPLIGHTER_PORT must be a number\n' +
        '  LAMPLIGHTER_MIN_INTERVAL_SECONDS must be at least 1\n',
    );
  });
});
