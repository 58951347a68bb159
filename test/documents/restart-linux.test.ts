// restart-linux.sh run for real, by the local SSM, against a small HTTP server that is killed, hangs and is stubborn.
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { eventually, invocation, openSsm, send, temporaryFolder } from '../local/ssm-host.ts';

const DOCUMENT = 'Lamplighter-RestartLinux';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** A server that says its pid, hangs on `/hang`, and heeds TERM unless it is told to ignore it. */
const SERVER = `
const { createServer } = require('node:http');
const { appendFileSync } = require('node:fs');
const [port, pids, mode] = process.argv.slice(2);
appendFileSync(pids, process.pid + '\\n');
if (mode === 'stubborn') process.on('SIGTERM', () => {});
if (mode === 'deaf') setInterval(() => {}, 1000);
else createServer((request, response) => {
  if (request.url === '/hang') for (;;);
  response.end(JSON.stringify({ pid: process.pid, parameters: Object.keys(process.env).filter((name) => name.startsWith('SSM_')) }));
}).listen(Number(port), '127.0.0.1');
`;

let folder: ReturnType<typeof temporaryFolder>;
let host: Awaited<ReturnType<typeof openSsm>>;
let port: number;

beforeEach(async () => {
  folder = temporaryFolder();
  port = await freePort();
  writeFileSync(join(folder.path, 'server.cjs'), SERVER);
  host = await openSsm(folder.path, { instances: [{ id: 'i-0abc' }, { id: 'i-0dd', agentVersion: '3.2.1630.0' }] });
});
afterEach(async () => {
  for (const pid of startedPids()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone already, as wanted.
    }
  }
  await host.close();
  folder[Symbol.dispose]();
});

const pidFile = () => join(folder.path, 'pids');
const startedPids = () => (existsSync(pidFile()) ? readFileSync(pidFile(), 'utf8').trim().split('\n').map(Number) : []);

function startScript(body: string): string {
  const path = join(folder.path, 'start.sh');
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}
const serverScript = (mode = '') =>
  startScript(`exec ${process.execPath} ${folder.path}/server.cjs ${port} ${pidFile()} ${mode}`);

async function restart(parameters: Record<string, string>, instanceId = 'i-0abc') {
  return await invocation(
    host.client,
    await send(host.client, DOCUMENT, parameters, instanceId),
    undefined,
    instanceId,
  );
}
const whoAnswers = async () =>
  (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as { pid: number; parameters: string[] };
const isRunning = (pid: number) =>
  !/^\d+ \(.*\) [ZX]/.test(existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '0 (x) X');

describe('a start script with a port', () => {
  it('is started when nothing holds the port, and sees none of our parameters', async () => {
    const answer = await restart({ startScript: serverScript(), port: `${port}` });
    expect(answer).toMatchObject({ Status: 'Success', ResponseCode: 0, StandardErrorContent: '' });
    expect(answer.StandardOutputContent).toContain(`stopped: nothing, as nothing listens on port ${port}\n`);
    expect(answer.StandardOutputContent).toContain(`up: port ${port} is listened on\n`);
    expect(await whoAnswers()).toEqual({ pid: startedPids()[0], parameters: [] });
  });

  it('replaces a server that hangs', async () => {
    await restart({ startScript: serverScript(), port: `${port}` });
    const [hung] = startedPids();
    void fetch(`http://127.0.0.1:${port}/hang`).catch(() => undefined);
    await eventually('the server to hang', async () => {
      const isHung = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(200) }).catch(() => 'hung');
      return isHung === 'hung' ? true : undefined;
    });
    const answer = await restart({ startScript: serverScript(), port: `${port}`, stopTimeoutSeconds: '5' });
    expect(answer.Status).toBe('Success');
    expect(answer.StandardOutputContent).toContain(`stopped: process ${hung} on TERM`);
    expect((await whoAnswers()).pid).toBe(startedPids()[1]);
  });

  it('replaces a server that was killed', async () => {
    await restart({ startScript: serverScript(), port: `${port}` });
    process.kill(startedPids()[0]!, 'SIGKILL');
    await eventually('the server to end', () => (isRunning(startedPids()[0]!) ? undefined : true));
    expect((await restart({ startScript: serverScript(), port: `${port}` })).Status).toBe('Success');
    expect((await whoAnswers()).pid).toBe(startedPids()[1]);
  });

  it('is told of in full before it is stopped: who runs, and what the log says that the next start writes anew', async () => {
    const noisy = startScript(
      `for line in $(seq 30); do echo "line $line ${'x'.repeat(300)}"; done\n` +
        `exec ${process.execPath} ${folder.path}/server.cjs ${port} ${pidFile()}`,
    );
    await restart({ startScript: noisy, port: `${port}` });
    const { StandardOutputContent: said = '' } = await restart({ startScript: noisy, port: `${port}` });
    const [, before = ''] =
      /--- before this restart: what listens on port \d+\n([^]*?)--- end\nstopped: process/.exec(said) ?? [];
    const [process_, ...log] = before.trimEnd().split('\n');
    expect(process_).toContain(String(startedPids()[0]));
    expect(log.map((line) => line.slice(0, 8).trim())).toEqual(
      Array.from({ length: 20 }, (_, at) => `line ${at + 11}`),
    );
    expect(new Set(log.map(({ length }) => length))).toEqual(new Set([200]));
  });

  it('kills what ignores TERM, and only that', async () => {
    await restart({ startScript: serverScript('stubborn'), port: `${port}` });
    const [stubborn] = startedPids();
    const answer = await restart({ startScript: serverScript(), port: `${port}`, stopTimeoutSeconds: '1' });
    expect(answer.Status).toBe('Success');
    expect(answer.StandardOutputContent).toContain(`stopped: process ${stubborn} on KILL`);
    expect(isRunning(stubborn!)).toBe(false);
    expect((await whoAnswers()).pid).toBe(startedPids()[1]);
  });

  it('leaves one running copy when it is run twice', async () => {
    for (const _ of [1, 2]) await restart({ startScript: serverScript(), port: `${port}` });
    expect(startedPids().map(isRunning)).toEqual([false, true]);
  });

  it('takes a script that goes to the background for started when the port says so', async () => {
    const script = startScript(`${process.execPath} ${folder.path}/server.cjs ${port} ${pidFile()} &`);
    expect((await restart({ startScript: script, port: `${port}` })).Status).toBe('Success');
    expect((await whoAnswers()).pid).toBe(startedPids()[0]);
  });

  it('fails with 69 when nothing ever listens, and stops what it has started', async () => {
    const answer = await restart({ startScript: serverScript('deaf'), port: `${port}`, startTimeoutSeconds: '1' });
    expect(answer).toMatchObject({ Status: 'Failed', ResponseCode: 69 });
    expect(answer.StandardErrorContent).toContain(`failed: nothing listens on port ${port} after 1 s`);
    expect(startedPids().map(isRunning)).toEqual([false]);
  });

  it('fails with 68 at once when the script fails, and shows what it said', async () => {
    const answer = await restart({ startScript: startScript('echo no config file >&2; exit 3'), port: `${port}` });
    expect(answer).toMatchObject({ Status: 'Failed', ResponseCode: 68 });
    expect(answer.StandardErrorContent).toContain('no config file');
  });

  it('never stops what runs it, be it on the very port', async () => {
    const answer = await restart({ startScript: serverScript(), port: `${host.port}` });
    expect(answer).toMatchObject({ Status: 'Failed', ResponseCode: 67 });
    expect(answer.StandardErrorContent).toContain(`held by process ${process.pid}, which must not be stopped`);
  });

  it('works the same with an agent that replaces text', async () => {
    const answer = await restart({ startScript: serverScript(), port: `${port}` }, 'i-0dd');
    expect(answer).toMatchObject({ Status: 'Success', StandardErrorContent: '' });
    expect((await whoAnswers()).pid).toBe(startedPids()[0]);
  });
});

describe('a restart script', () => {
  /** Ends whatever runs under a pid file and starts the server anew in the background, as such scripts do. */
  const whole = (mode = '') =>
    [
      'echo going to restart; echo "saw $(env | grep -c ^SSM_) parameters"',
      `if [ -e ${folder.path}/server.pid ]; then kill -9 "$(cat ${folder.path}/server.pid)"; fi`,
      `${process.execPath} ${folder.path}/server.cjs ${port} ${pidFile()} ${mode} & echo $! >${folder.path}/server.pid`,
    ].join('\n');

  it('restarts the service itself, outlived by what it leaves behind, and sees none of our parameters', async () => {
    const restartScript = startScript(whole());
    for (const _ of [1, 2]) {
      const answer = await restart({ restartScript, port: `${port}` });
      expect(answer).toMatchObject({ Status: 'Success', StandardErrorContent: '' });
      expect(answer.StandardOutputContent).toContain(
        `going to restart\nsaw 0 parameters\nrestarted: by ${restartScript}\nup: port ${port} is listened on\n`,
      );
    }
    expect((await whoAnswers()).pid).toBe(startedPids()[1]);
    expect(startedPids().map(isRunning)).toEqual([false, true]);
  });

  it('is done when it ends well, where no port is given', async () => {
    const answer = await restart({ restartScript: startScript(`touch ${folder.path}/done`) });
    expect(answer).toMatchObject({ Status: 'Success', ResponseCode: 0 });
    expect(existsSync(join(folder.path, 'done'))).toBe(true);
    expect(answer.StandardOutputContent).not.toContain('up: port');
  });

  it('that fails is a failure with 68 and its exit code, and shows what it said', async () => {
    const restartScript = startScript('echo no licence; exit 7');
    const answer = await restart({ restartScript, port: `${port}` });
    expect(answer).toMatchObject({ Status: 'Failed', ResponseCode: 68 });
    expect(answer.StandardErrorContent).toBe(`no licence\nfailed: ${restartScript} failed with exit code 7\n`);
  });

  it('is a failure with 69 when nothing listens in its time', async () => {
    const times = { startTimeoutSeconds: '1', stopTimeoutSeconds: '1' };
    const restartScript = startScript(whole('deaf'));
    const answer = await restart({ restartScript, port: `${port}`, ...times });
    expect(answer).toMatchObject({ Status: 'Failed', ResponseCode: 69 });
    expect(answer.StandardErrorContent).toContain(`${restartScript} is done, and nothing listens on port ${port}`);
  });

  it('that does not end in its time is stopped with what it began, and is a failure with 69', async () => {
    const restartScript = startScript(`echo $$ >>${pidFile()}; echo waiting; sleep 300`);
    const answer = await restart({ restartScript, startTimeoutSeconds: '1', stopTimeoutSeconds: '1' });
    expect(answer).toMatchObject({ Status: 'Failed', ResponseCode: 69 });
    expect(answer.StandardErrorContent).toContain(`waiting\nfailed: ${restartScript} did not end within 2 s`);
    await eventually('the script to end', () => (isRunning(startedPids()[0]!) ? undefined : true));
  });

  it('works the same with an agent that replaces text', async () => {
    const answer = await restart({ restartScript: startScript('echo so be it') }, 'i-0dd');
    expect(answer).toMatchObject({ Status: 'Success', StandardErrorContent: '' });
    expect(answer.StandardOutputContent).toContain('so be it\n');
  });
});

describe('what is asked for', () => {
  it.each([
    ['nothing', {}, 64, 'give exactly one of unit, container, startScript and restartScript'],
    ['two ways', { unit: 'nginx', container: 'web' }, 64, 'give exactly one of'],
    ['two scripts', { startScript: '/opt/a.sh', restartScript: '/opt/a.sh' }, 64, 'give exactly one of'],
    [
      'a restart script that is not there',
      { restartScript: '/opt/lamplighter/restart_none.sh' },
      65,
      'failed: /opt/lamplighter/restart_none.sh is no executable file on this host',
    ],
    ['a user who is not there', { restartScript: '/bin/sh', user: 'nobody-at-all' }, 65, 'no user nobody-at-all'],
    ['a start script without a port', { startScript: '/opt/start.sh' }, 64, 'startScript needs port'],
    ['a port that is none', { unit: 'nginx', port: '65536' }, 64, 'parameter port must be a whole number'],
    ['a start script that reloads', { startScript: '/opt/a.sh', port: '1', mode: 'reload' }, 64, 'only starts'],
    ["systemd's own unit", { unit: 'systemd-reboot' }, 64, 'belongs to systemd itself'],
    ['a script that is not there', { startScript: '/opt/none/start.sh', port: '1' }, 65, 'no executable file'],
  ])('%s is refused, by either kind of agent', async (_what, parameters, code, message) => {
    for (const instanceId of ['i-0abc', 'i-0dd']) {
      const answer = await restart(parameters, instanceId);
      expect(answer.ResponseCode).toBe(code);
      expect(answer.StandardErrorContent).toContain(message);
    }
  });
});

describe('a systemd unit or a container', () => {
  /** Puts a stand-in before the real program; it keeps a log of how it was called. */
  async function withProgram(name: string, body: string, parameters: Record<string, string>) {
    const log = join(folder.path, 'calls');
    const path = join(folder.path, name);
    writeFileSync(path, `#!/bin/sh\necho "$*" >>${log}\n${body}\n`);
    chmodSync(path, 0o755);
    const before = process.env['PATH'];
    process.env['PATH'] = `${folder.path}:${before}`;
    try {
      const answer = await restart({ startTimeoutSeconds: '1', ...parameters });
      return { answer, calls: readFileSync(log, 'utf8').trim().split('\n') };
    } finally {
      process.env['PATH'] = before;
    }
  }

  it('is restarted with a word on each disk that fills up, once each, and none on images', async () => {
    const disks = [
      'Filesystem 1024-blocks Used Available Capacity Mounted on',
      '/dev/sda1 1000 790 210 79% /',
      '/dev/sda2 1000 930 70 93% /var',
      '/dev/sda2 1000 930 70 93% /var/lib/docker',
      '/dev/loop3 1000 1000 0 100% /snap/core',
      'tmpfs 1000 990 10 99% /run',
      '/dev/mapper/data 1000 1000 0 100% /data',
    ];
    const { answer } = await withProgram('df', `printf '%s\\n' ${disks.map((line) => `'${line}'`).join(' ')}`, {
      startScript: serverScript(),
      port: `${port}`,
    });
    expect(answer.StandardOutputContent?.match(/^disk .*$/gm)).toEqual([
      'disk 93 % full: /var',
      'disk 100 % full: /data',
    ]);
  });

  it('is restarted as a service and counts as up when it stays active', async () => {
    const { answer, calls } = await withProgram('systemctl', 'exit 0', { unit: 'reboot.target' });
    expect(answer.Status).toBe('Success');
    expect(calls.slice(0, 4)).toEqual([
      'cat -- reboot.target.service',
      expect.stringMatching(/^show -p ActiveState,.* -- reboot\.target\.service$/),
      'reset-failed -- reboot.target.service',
      'restart -- reboot.target.service',
    ]);
    expect(calls.filter((call) => call.startsWith('is-active'))).toHaveLength(2);
  });

  it('fails with 65 when there is no such unit, with 68 when the restart fails, with 69 when it does not stay', async () => {
    const failing = (word: string) => `case $1 in ${word}) exit 4;; esac`;
    for (const [word, code] of [
      ['cat', 65],
      ['restart', 68],
      ['is-active', 69],
    ] as const)
      expect((await withProgram('systemctl', failing(word), { unit: 'billing' })).answer.ResponseCode, word).toBe(code);
  });

  it('is started although systemd itself has given it up, having started it too often', async () => {
    const given = join(folder.path, 'forgiven');
    const says = `case $1 in
      reset-failed) touch ${given} ;;
      restart) [ -e ${given} ] || { echo 'start request repeated too quickly' >&2; exit 1; } ;;
    esac`;
    const { answer, calls } = await withProgram('systemctl', says, { unit: 'billing' });
    expect(answer).toMatchObject({ Status: 'Success', StandardErrorContent: '' });
    // What systemd knows of its end is gone with that, so it is told before.
    expect(calls.findIndex((call) => call.startsWith('show'))).toBeLessThan(
      calls.indexOf('reset-failed -- billing.service'),
    );
    rmSync(given);
    const reload = await withProgram('systemctl', says, { unit: 'billing', mode: 'reload' });
    expect(reload.answer.Status).toBe('Success');
    expect(existsSync(given)).toBe(false);
  });

  it('is restarted where nothing has to be forgiven, and systemd says so', async () => {
    const says = 'case $1 in reset-failed) echo "not loaded" >&2; exit 1;; esac';
    const { answer } = await withProgram('systemctl', says, { unit: 'billing' });
    expect(answer).toMatchObject({ Status: 'Success', StandardErrorContent: '' });
  });

  it('is waited for on its port as well', async () => {
    const { answer } = await withProgram('systemctl', 'exit 0', { unit: 'billing', port: `${port}` });
    expect(answer.ResponseCode).toBe(69);
    expect(answer.StandardErrorContent).toContain(`nothing listens on port ${port}`);
  });

  it('restarts a container with its stop timeout and wants to see it running', async () => {
    const says = `case $1 in inspect) echo '"Running": true, "Restarting": false';; esac`;
    const { answer, calls } = await withProgram('docker', says, { container: 'web', stopTimeoutSeconds: '7' });
    expect(answer.Status).toBe('Success');
    expect(calls).toContain('restart -t 7 -- web');
  });

  it('does not take a container that restarts over and over for running', async () => {
    const says = `case $1 in inspect) echo '"Running": true, "Restarting": true';; esac`;
    expect((await withProgram('docker', says, { container: 'web' })).answer.ResponseCode).toBe(69);
    const gone = 'case $1 in inspect) exit 1;; esac';
    expect((await withProgram('docker', gone, { container: 'web' })).answer.ResponseCode).toBe(65);
    const broken = 'case $1 in restart) exit 1;; esac';
    expect((await withProgram('docker', broken, { container: 'web' })).answer.ResponseCode).toBe(68);
  });

  it('is reloaded where that is asked for, and goes on running', async () => {
    const { answer, calls } = await withProgram('systemctl', 'exit 0', { unit: 'billing', mode: 'reload' });
    expect(answer).toMatchObject({ Status: 'Success', StandardErrorContent: '' });
    expect(answer.StandardOutputContent).toContain('reloaded: unit billing.service\nup: unit billing.service\n');
    expect(calls.filter((call) => call.startsWith('re'))).toEqual(['reload -- billing.service']);
    const says = `case $1 in inspect) echo '"Running": true, "Restarting": false';; esac`;
    const container = await withProgram('docker', says, { container: 'web', mode: 'reload' });
    expect(container.answer.StandardOutputContent).toContain('reloaded: container web\nup: container web\n');
    expect(container.calls.filter((call) => /^(kill|restart)/.test(call))).toEqual(['kill -s HUP -- web']);
  });

  it('that cannot reload is a failure with 68, one that does not run with 67', async () => {
    const refuses = 'case $1 in reload) echo "Job type reload is not applicable" >&2; exit 1;; esac';
    const unit = await withProgram('systemctl', refuses, { unit: 'billing', mode: 'reload' });
    expect(unit.answer).toMatchObject({ ResponseCode: 68 });
    expect(unit.answer.StandardErrorContent).toContain(
      'not applicable\nfailed: systemctl reload billing.service failed',
    );
    const stopped = `case $1 in inspect) echo '"Running": false';; esac`;
    const container = await withProgram('docker', stopped, { container: 'web', mode: 'reload' });
    expect(container.answer).toMatchObject({ ResponseCode: 67 });
    expect(container.calls.join()).not.toContain('kill');
  });

  it('is told of before it is stopped, by its state and its last lines', async () => {
    const says = `case $1 in
      inspect) echo '"Env": ["DB_PASSWORD=hunter2"],'; echo '"Running": true,'; echo '"ExitCode": 137,' ;;
      logs) seq 40; echo out of memory >&2 ;;
    esac`;
    const { answer, calls } = await withProgram('docker', says, { container: 'web' });
    expect(answer.StandardOutputContent).toMatch(/^--- before this restart: container web\n"ExitCode": 137,\n22\n/);
    expect(answer.StandardOutputContent).toContain('40\nout of memory\n--- end\nrestarted: container web\n');
    expect(answer.StandardOutputContent).not.toContain('hunter2');
    expect(calls.findIndex((call) => call.startsWith('logs'))).toBeLessThan(calls.indexOf('restart -t 20 -- web'));
  });

  it('is not held up by a log that cannot be read', async () => {
    const says = `case $1 in inspect) echo '"Running": true, "Restarting": false';; logs) sleep 60;; esac`;
    const begun = Date.now();
    expect((await withProgram('docker', says, { container: 'web' })).answer.Status).toBe('Success');
    expect(Date.now() - begun).toBeLessThan(20_000);
  });
});
