// A Python environment of our own in .venv, made once and kept for as long as its lock file stays the same.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes or reuses `venv` with exactly what `requirements` pins; says what it did. */
export function makeVenv(venv: string, requirements: string): string {
  const marker = join(venv, 'lamplighter.sha256');
  const version = execFileSync('python3', ['--version'], { encoding: 'utf8' });
  const wanted = createHash('sha256').update(version).update(readFileSync(requirements)).digest('hex');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return 'as it was';
  rmSync(venv, { recursive: true, force: true });
  const run = (file: string, ...args: string[]) => execFileSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  run('python3', '-m', 'venv', venv);
  // --no-deps: what is installed is what the file says, and nothing that the index would add today.
  const quietly = ['--quiet', '--disable-pip-version-check', '--no-input', '--no-deps'];
  run(join(venv, 'bin', 'python'), '-m', 'pip', 'install', ...quietly, '--requirement', requirements);
  run(join(venv, 'bin', 'python'), '-m', 'pip', 'check', '--disable-pip-version-check');
  writeFileSync(marker, wanted);
  return 'installed anew';
}
