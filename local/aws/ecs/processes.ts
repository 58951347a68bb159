// Child processes of the local ECS. Each leads a process group of its own and logs to a file, so it outlives the
// process that started it; /proc later tells whether a pid is still the same process (Linux only).
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';

import { type EcsServiceConfig, serviceKey } from './config.ts';

/** Identifies a process even if its pid is used again later: `startTicks` is its start time since boot. */
type ProcessId = Readonly<{ pid: number; startTicks: number }>;

/**
 * Set in the environment of every process started here, to the task's id: finds a process whose pid was never stored.
 */
const MARKER = 'LAMPLIGHTER_ECS_TASK';

/**
 * Starts the command. Rejects if it cannot be started; `onExit` is called once, when the process has ended, with its
 * exit code, or 128 and more if a signal ended it.
 */
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

/** A string goes through the shell. */
const partsOf = (command: EcsServiceConfig['command']) =>
  typeof command === 'string' ? ['/bin/sh', '-c', command] : command;

/** Whether the command succeeds within its time. */
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

/** Signals the whole process group. A group that no longer exists counts as success. */
export function signalGroup(id: ProcessId, signal: 'SIGTERM' | 'SIGKILL'): void {
  const stat = readStat(id.pid);
  if (stat && stat.startTicks !== id.startTicks) return; // the pid belongs to somebody else by now
  try {
    process.kill(-id.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** The process that an earlier run started for a task, when that run died before it could store the pid. */
export function findByTask(taskId: string): ProcessId | undefined {
  const wanted = `${MARKER}=${taskId}`;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const pid = Number(name);
    const stat = readStat(pid);
    // Only the leader of a group was started here; its children inherit the marker.
    if (stat?.group === pid && readProc(pid, 'environ')?.split('\0').includes(wanted))
      return { pid, startTicks: stat.startTicks };
  }
  return undefined;
}

function readStat(pid: number): { state: string; group: number; startTicks: number } | undefined {
  const text = readProc(pid, 'stat');
  if (text === undefined) return undefined;
  // The name in brackets may contain spaces and brackets; the fields after it are state, parent, group … start time.
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

/** Whether 127.0.0.1 accepts connections on this port within a second. */
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
