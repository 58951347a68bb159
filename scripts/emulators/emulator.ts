// One emulator as a child process: on loopback, on a port of its own, in a scrubbed environment, and ended with all its
// children.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export type EmulatorSettings = Readonly<{
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Answers 200 once the emulator is up. */
  healthUrl: string;
  logFile: string;
}>;
export type Emulator = Readonly<{ ready: Promise<void>; stop(): Promise<void> }>;

const UP_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 5_000;

/** A port of loopback on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return address.port;
}

/** Starts it; the caller must stop it, `ready` or not. */
export function startEmulator({ command, args, env, healthUrl, logFile }: EmulatorSettings): Emulator {
  const log = openSync(logFile, 'a');
  // A process group of its own, so that the workers it starts can be ended with it.
  const child = spawn(command, [...args], { env: { ...env }, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  const ready = Promise.race([failed, becomeHealthy(child, healthUrl)]).catch((cause: unknown) => {
    throw new Error(`${command} did not come up:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`, { cause });
  });
  return { ready, stop: () => stop(child) };
}

async function becomeHealthy(child: ChildProcess, healthUrl: string): Promise<void> {
  const deadline = Date.now() + UP_WITHIN_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const isUp = await fetch(healthUrl, { signal: AbortSignal.timeout(1_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await pause(100);
  }
  throw new Error(`it did not answer within ${UP_WITHIN_MS} ms`);
}

/** SIGTERM to the process itself, which lets it end its workers; SIGKILL to the whole group for those that remain. */
async function stop({ pid }: ChildProcess): Promise<void> {
  if (pid === undefined) return;
  signal(pid, 'SIGTERM');
  const deadline = Date.now() + ENDS_WITHIN_MS;
  while (Date.now() < deadline && signal(-pid, 0)) await pause(50);
  signal(-pid, 'SIGKILL');
  while (signal(-pid, 0)) await pause(20);
}

/** Whether there was a process to take it. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
