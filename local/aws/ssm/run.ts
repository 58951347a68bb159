// Runs a command's script as the agent of a host would, but so that it outlives this process: detached, with its
// output, its end and its start in files. This process or the next one reads its state from them.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import type { Script } from './documents.ts';

export type RunState =
  | { kind: 'not-started' }
  | { kind: 'running'; startedAt: number }
  | { kind: 'exited'; code: number; startedAt: number; endedAt: number }
  | { kind: 'timed-out' | 'lost'; startedAt: number; endedAt: number };

// `mkdir` succeeds only once, so that a run that is started twice, before and after a crash, happens once. A run that
// ends without an exit code on disk was ended by `timeout`.
const RUNNER = `mkdir "$1/started" 2>/dev/null || exit 0
echo $$ >"$1/pid"
cd / || exit 1
timeout -s KILL "$2" sh -c 'sh "$1/script.sh"; echo "exited $?" >"$1/end.part"' sh "$1" >"$1/stdout" 2>"$1/stderr" </dev/null &
echo $! >"$1/timeout-pid"
wait $!
[ -s "$1/end.part" ] || echo timed-out >"$1/end.part"
mv "$1/end.part" "$1/end"
`;

/** Starts the script in `folder` unless it was started already. Returns at once. */
export function beginRun(folder: string, script: Script, environment: Readonly<Record<string, string>>): void {
  if (existsSync(join(folder, 'started'))) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'script.sh'), script.text, { mode: 0o700 });
  const child = spawn('/bin/sh', ['-c', RUNNER, 'lamplighter-ssm', folder, String(script.timeoutSeconds)], {
    detached: true,
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], ...environment, ...script.environment },
  });
  // It looks like a command that never starts, and then counts as delivered too late.
  child.on('error', () => undefined);
  child.unref();
}

/**
 * The state according to the files. `lost`: it started, did not end, and no process runs any more, as after a power
 * cut.
 */
export function readRun(folder: string): RunState {
  const startedAt = modifiedAt(join(folder, 'started'));
  if (startedAt === undefined) return { kind: 'not-started' };
  const ended = endOf(folder, startedAt);
  if (ended) return ended;
  const runner = readPid(join(folder, 'pid'));
  // Between mkdir and the pid file there is a moment without either.
  const isYoung = runner === undefined && Date.now() - startedAt < 2_000;
  if (isYoung || isOurs(runner, folder)) return { kind: 'running', startedAt };
  return endOf(folder, startedAt) ?? { kind: 'lost', startedAt, endedAt: startedAt };
}

function endOf(folder: string, startedAt: number): RunState | undefined {
  const endedAt = modifiedAt(join(folder, 'end'));
  if (endedAt === undefined) return undefined;
  const code = /^exited (\d+)/.exec(readFileSync(join(folder, 'end'), 'utf8'))?.[1];
  return code === undefined
    ? { kind: 'timed-out', startedAt, endedAt }
    : { kind: 'exited', code: Number(code), startedAt, endedAt };
}

/**
 * Kills the script and its process group, as the agent does. One that has not started never will: its place is taken.
 */
export async function cancelRun(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  if (claim(folder)) return writeFileSync(join(folder, 'end'), 'cancelled\n');
  // It is just starting if it is under way and its pid is not written yet.
  for (let attempt = 0; attempt < 20 && readRun(folder).kind === 'running'; attempt++) {
    const pid = readPid(join(folder, 'timeout-pid'));
    if (pid !== undefined && isOurs(pid, folder) && killGroup(pid)) return;
    await setTimeout(50);
  }
}

/** `false` if the process does not lead its group yet. */
function killGroup(pid: number): boolean {
  try {
    return process.kill(-pid, 'SIGKILL');
  } catch {
    return false;
  }
}

function claim(folder: string): boolean {
  try {
    mkdirSync(join(folder, 'started'));
    return true;
  } catch {
    return false;
  }
}

/** The first `limit` characters of the script's output. */
export function readOutput(folder: string, stream: 'stdout' | 'stderr', limit: number): string {
  const path = join(folder, stream);
  if (!existsSync(path)) return '';
  const bytes = Buffer.alloc(limit * 4);
  const file = openSync(path, 'r');
  try {
    return bytes.toString('utf8', 0, readSync(file, bytes)).slice(0, limit);
  } finally {
    closeSync(file);
  }
}

const modifiedAt = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs;

function readPid(path: string): number | undefined {
  const pid = existsSync(path) ? Number.parseInt(readFileSync(path, 'utf8'), 10) : Number.NaN;
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}

/** A pid may be given to another process; ours has its folder on its command line. */
function isOurs(pid: number | undefined, folder: string): boolean {
  try {
    return pid !== undefined && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
  } catch {
    return false;
  }
}
