// Child processes of the local ECS. They lead a process group of their own and log to a file, so they outlive the
// process that began them; /proc tells later whether a pid is still the same process (Linux only).
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';

import { type EcsServiceConfig, serviceKey } from './config.ts';

/** A process that cannot be mistaken for a later one with the same pid: `startTicks` is its start since boot. */
type ProcessId = Readonly<{ pid: number; startTicks: number }>;

/** In the environment of every process begun here, with the task's id: finds one whose pid was never written down. */
const MARKER = 'LAMPLIGHTER_ECS_TASK';

/** Begins the command. Rejects when it cannot be begun; `onExit` is called once, when the process has ended; 128 and more: by a signal. */
export async function launch(
  config: Pick<EcsServiceConfig, 'cluster' | 'service' | 'command' | 'cwd' | 'env'>,
  taskId: string,
  logFolder: string,
  onExit: (exitCode: number) => void,
): Promise<ProcessId> {
  mkdirSync(logFolder, { recursive: true });
  const log = openSync(join(logFolder, `${serviceKey(config).replace('/', '-')}.log`), 'a');
  try {
    const [file = '', ...parts] = partsOf(config.command);
    const child = spawn(file, parts, {
      cwd: config.cwd,
      env: { ...process.env, ...config.env, [MARKER]: taskId },
      detached: true,
      stdio: ['ignore', log, log],
    });
    // Read at once: even a process that ends right away stays in /proc until its exit is handled.
    const startTicks = child.pid === undefined ? undefined : readStat(child.pid)?.startTicks;
    child.once('exit', (code, signal) => onExit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    await begun(child);
    child.unref();
    if (child.pid === undefined || startTicks === undefined) throw new Error('/proc does not show the process');
    return { pid: child.pid, startTicks };
  } finally {
    closeSync(log);
  }
}

/** A text goes through the shell. */
const partsOf = (command: EcsServiceConfig['command']) =>
  typeof command === 'string' ? ['/bin/sh', '-c', command] : command;

/** Whether the command ends well within its time. */
export const endsWell = (
  command: EcsServiceConfig['command'],
  { cwd, env, timeoutMs }: Readonly<{ cwd?: string | undefined; env: Record<string, string>; timeoutMs: number }>,
) =>
  new Promise<boolean>((resolve) => {
    const [file = '', ...parts] = partsOf(command);
    spawn(file, parts, {
      cwd,
      env: { ...process.env, ...env },
      stdio: 'ignore',
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    })
      .once('error', () => resolve(false))
      .once('exit', (code) => resolve(code === 0));
  });

const begun = (child: ChildProcess) =>
  new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));

/** Whether this very process still runs; one that has ended and was not reaped yet does not. */
export function isAlive({ pid, startTicks }: ProcessId): boolean {
  const stat = readStat(pid);
  return stat !== undefined && stat.startTicks === startTicks && stat.state !== 'Z' && stat.state !== 'X';
}

/** Signals the whole process group. A group that is gone already is as wanted. */
export function signalGroup(id: ProcessId, signal: 'SIGTERM' | 'SIGKILL'): void {
  const stat = readStat(id.pid);
  if (stat && stat.startTicks !== id.startTicks) return; // the pid belongs to somebody else by now
  try {
    process.kill(-id.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** The process that was begun for a task by an earlier run, which died before it could write the pid down. */
export function findByTask(taskId: string): ProcessId | undefined {
  const wanted = `${MARKER}=${taskId}`;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const pid = Number(name);
    const stat = readStat(pid);
    // Only the leader of a group was begun here; what it begins inherits the marker.
    if (stat?.group === pid && readProc(pid, 'environ')?.split('\0').includes(wanted))
      return { pid, startTicks: stat.startTicks };
  }
  return undefined;
}

function readStat(pid: number): { state: string; group: number; startTicks: number } | undefined {
  const text = readProc(pid, 'stat');
  if (text === undefined) return undefined;
  // The name in brackets may hold spaces and brackets; the fields behind it are state, parent, group … start time.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', group: Number(fields[2]), startTicks: Number(fields[19]) };
}

function readProc(pid: number, file: 'stat' | 'environ'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined; // ended, or not ours to read
  }
}

/** Whether 127.0.0.1 takes connections on this port within a second. */
export const isListening = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1_000 });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket
      .once('connect', () => done(true))
      .once('error', () => done(false))
      .once('timeout', () => done(false));
  });
