// The hosts file, read from a real one.
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { hostsFile } from '../../lambdas/adapters/hosts-file.ts';

function written(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'hosts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'hosts');
  const write = (now: string, seconds: number) => {
    writeFileSync(path, now);
    utimesSync(path, seconds, seconds);
  };
  write(text, 1_000);
  return { path, write };
}

it('names have the addresses of all their lines', () => {
  const { path } = written(
    '# ours\n127.0.0.1 localhost\r\n::1\tlocalhost ip6-localhost\nfe80::1%lo0 localhost\n10.0.0.7  DB.internal db # 10.0.0.8 old\nnonsense name\n\n',
  );
  const hosts = hostsFile(path);
  expect(hosts('localhost')).toEqual(['127.0.0.1', '::1']);
  expect(hosts('db.internal')).toEqual(['10.0.0.7']);
  expect(hosts('db')).toEqual(['10.0.0.7']);
  for (const name of ['old', 'name', 'other', '']) expect(hosts(name)).toBeUndefined();
});

it('an edit is noticed after thirty seconds, and only by the modification time', () => {
  let now = 0;
  const { path, write } = written('10.0.0.1 a\n');
  const hosts = hostsFile(path, () => now);
  expect(hosts('a')).toEqual(['10.0.0.1']);
  write('10.0.0.2 a\n', 2_000);
  now = 29_999;
  expect(hosts('a')).toEqual(['10.0.0.1']);
  now = 30_000;
  expect(hosts('a')).toEqual(['10.0.0.2']);
  write('10.0.0.3 a\n', 2_000);
  now = 90_000;
  expect(hosts('a')).toEqual(['10.0.0.2']);
});

it('what is there but cannot be read as a file holds no names', () => {
  expect(hostsFile(tmpdir())('a')).toBeUndefined();
});

it('a file that is not there holds no names, until it is', () => {
  let now = 0;
  const { path, write } = written('');
  rmSync(path);
  const hosts = hostsFile(path, () => now);
  expect(hosts('a')).toBeUndefined();
  write('10.0.0.1 a\n', 3_000);
  now = 30_000;
  expect(hosts('a')).toEqual(['10.0.0.1']);
});
