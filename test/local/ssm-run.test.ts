// The moments of a run that the local SSM passes through too quickly to be caught from outside.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { beginRun, cancelRun, readOutput, readRun } from '../../local/aws/ssm/run.ts';
import { eventually, temporaryFolder } from './ssm-host.ts';

let folder: ReturnType<typeof temporaryFolder>;
let run: string;
beforeEach(() => {
  folder = temporaryFolder();
  run = join(folder.path, 'run');
});
afterEach(() => folder[Symbol.dispose]());

const script = (text: string) => ({ text, environment: {}, timeoutSeconds: 20 });
const ended = () =>
  eventually('the end', () => {
    const state = readRun(run);
    return state.kind === 'running' || state.kind === 'not-started' ? undefined : state;
  });

it('a run that is begun twice at once happens once', async () => {
  const notes = script(`echo ran >>${folder.path}/notes; sleep 0.3; echo ended`);
  for (const _ of [1, 2, 3]) beginRun(run, notes, {});
  expect(await ended()).toMatchObject({ kind: 'exited', code: 0 });
  expect(readFileSync(join(folder.path, 'notes'), 'utf8')).toBe('ran\n');
  expect(readOutput(run, 'stdout', 100)).toBe('ended\n');
});

it('a run that is cancelled as soon as it is begun does not come to its end', async () => {
  beginRun(run, script(`sleep 0.5; echo ran >${folder.path}/notes`), {});
  await cancelRun(run);
  expect((await ended()).kind).toBe('timed-out');
  expect(existsSync(join(folder.path, 'notes'))).toBe(false);
});

it('a run that was cancelled before it was begun never begins', async () => {
  await cancelRun(run);
  beginRun(run, script(`echo ran >${folder.path}/notes`), {});
  expect((await ended()).kind).toBe('timed-out');
  expect(existsSync(join(run, 'script.sh'))).toBe(false);
});

it('what never began has neither state nor output', () => {
  expect(readRun(run)).toEqual({ kind: 'not-started' });
  expect(readOutput(run, 'stderr', 100)).toBe('');
});

it('cancelling what has ended changes nothing', async () => {
  beginRun(run, script('exit 3'), {});
  const before = await ended();
  await cancelRun(run);
  expect(readRun(run)).toEqual(before);
});
