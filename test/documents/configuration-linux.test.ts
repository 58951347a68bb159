// configuration-linux.sh run for real, by the local SSM, on files and folders of a test.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { invocation, openSsm, send, temporaryFolder } from '../local/ssm-host.ts';

const DOCUMENT = 'Lamplighter-ConfigurationLinux';

let folder: ReturnType<typeof temporaryFolder>;
let host: Awaited<ReturnType<typeof openSsm>>;
let etc: string;
let file: string;

beforeAll(async () => {
  folder = temporaryFolder();
  host = await openSsm(folder.path, { instances: [{ id: 'i-0abc' }, { id: 'i-0dd', agentVersion: '3.2.1630.0' }] });
});
afterAll(async () => {
  await host.close();
  folder[Symbol.dispose]();
});
beforeEach(() => {
  etc = join(folder.path, 'etc', 'billing');
  file = join(etc, 'app.conf');
  mkdirSync(etc, { recursive: true });
  writeFileSync(file, 'good\n');
  chmodSync(file, 0o640);
});
afterEach(() => {
  rmSync(join(folder.path, 'etc'), { recursive: true });
  rmSync(join(folder.path, 'ssm', 'backup'), { recursive: true, force: true });
});

async function run(parameters: Record<string, string>, instanceId = 'i-0abc') {
  return await invocation(
    host.client,
    await send(host.client, DOCUMENT, parameters, instanceId),
    undefined,
    instanceId,
  );
}
const done = async (action: string, path: string, restartId = '') => {
  const answer = await run({ action, path, restartId });
  expect(answer).toMatchObject({ Status: 'Success', ResponseCode: 0, StandardErrorContent: '' });
  return answer.StandardOutputContent!.replaceAll(folder.path, '');
};
const copiesOf = (path: string) => join(folder.path, 'ssm', 'backup', path.slice(1).replaceAll('/', '@'));
const kept = (path: string) =>
  readdirSync(copiesOf(path))
    .filter((name) => /^\d/.test(name))
    .map((name) => readFileSync(join(copiesOf(path), name, 'content'), 'utf8'));
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const script = (body: string): string => {
  const path = join(etc, 'check.sh');
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
};

describe('a backup', () => {
  it('of a file is put back as it was, with its rights, and what was there instead stays for people', async () => {
    expect(await done('backup', file, 'rst-1')).toContain('kept: /etc/billing/app.conf in ');
    writeFileSync(file, 'bad\n');
    chmodSync(file, 0o600);
    const said = await done('restore', file, 'rst-1');
    expect(said).toContain('restored: /etc/billing/app.conf from ');
    expect(said).toContain('what was there before is in ');
    expect([readFileSync(file, 'utf8'), modeOf(file)]).toEqual(['good\n', '640']);
    expect(readFileSync(join(copiesOf(file), 'replaced'), 'utf8')).toBe('bad\n');
    expect(readdirSync(etc)).toEqual(['app.conf']);
  });

  it('of a folder is put back whole: what was added goes, what was removed returns', async () => {
    mkdirSync(join(etc, 'conf.d'));
    writeFileSync(join(etc, 'conf.d', 'a b.conf'), 'a\n');
    await done('backup', etc, 'rst-1');
    rmSync(file);
    writeFileSync(join(etc, 'added'), 'x');
    await done('restore', etc, 'rst-1');
    expect(readdirSync(etc)).toEqual(['app.conf', 'conf.d']);
    expect(readFileSync(join(etc, 'conf.d', 'a b.conf'), 'utf8')).toBe('a\n');
    expect(readdirSync(join(folder.path, 'etc'))).toEqual(['billing']);
  });

  it('is put back where nothing is any more, and where a folder has taken the place of the file', async () => {
    await done('backup', file);
    rmSync(file);
    await done('restore', file);
    expect(readFileSync(file, 'utf8')).toBe('good\n');
    rmSync(file);
    mkdirSync(file);
    await done('restore', file);
    expect(readFileSync(file, 'utf8')).toBe('good\n');
  });

  it('is put back where only the rights have changed', async () => {
    await done('backup', file);
    chmodSync(file, 0o000);
    await done('restore', file);
    expect(modeOf(file)).toBe('640');
  });

  it('that is made twice in one restart keeps the first', async () => {
    await done('backup', file, 'rst-1');
    writeFileSync(file, 'bad\n');
    expect(await done('backup', file, 'rst-1')).toContain('kept already: /etc/billing/app.conf, for this restart');
    expect(kept(file)).toEqual(['good\n']);
    await done('restore', file, 'rst-1');
    expect(readFileSync(file, 'utf8')).toBe('good\n');
  });

  it('of what has not changed is no second copy, so that older ones are not pushed out', async () => {
    for (const restartId of ['rst-1', 'rst-2', 'rst-3', 'rst-4', 'rst-5'])
      expect(await done('backup', file, restartId)).toContain(
        restartId === 'rst-1' ? 'kept: ' : 'kept already: /etc/billing/app.conf, unchanged',
      );
    expect(kept(file)).toEqual(['good\n']);
  });

  it('belongs to its restart: another one made later is not put back in its stead', async () => {
    await done('backup', file, 'rst-1');
    writeFileSync(file, 'later\n');
    await done('backup', file, 'rst-2');
    await done('restore', file, 'rst-1');
    expect(readFileSync(file, 'utf8')).toBe('good\n');
    // A restart that has kept nothing gets the newest.
    await done('restore', file, 'rst-3');
    expect(readFileSync(file, 'utf8')).toBe('later\n');
  });

  it('stays until three newer ones are there', async () => {
    for (const content of ['1', '2', '3', '4', '5']) {
      writeFileSync(file, content);
      await done('backup', file, `rst-${content}`);
    }
    expect(kept(file)).toEqual(['3', '4', '5']);
  });

  it('can be read by root alone', async () => {
    await done('backup', file);
    expect(modeOf(copiesOf(file))).toBe('700');
  });

  it('that is cut off leaves nothing that a restore would take for a copy', async () => {
    await done('backup', file);
    mkdirSync(join(copiesOf(file), '.part-abcdef'));
    writeFileSync(join(copiesOf(file), '.part-abcdef', 'content'), 'ha');
    rmSync(file);
    await done('restore', file);
    expect(readFileSync(file, 'utf8')).toBe('good\n');
  });
});

describe('a restore', () => {
  it('that is done twice changes nothing the second time, nor what was kept of before', async () => {
    await done('backup', file, 'rst-1');
    writeFileSync(file, 'bad\n');
    await done('restore', file, 'rst-1');
    const before = statSync(file).ino;
    expect(await done('restore', file, 'rst-1')).toContain('restored already: /etc/billing/app.conf is as in ');
    expect(statSync(file).ino).toBe(before);
    expect(readFileSync(join(copiesOf(file), 'replaced'), 'utf8')).toBe('bad\n');
  });
});

describe('a validation', () => {
  it('says what the script says, hands the path over, and shows it none of our parameters', async () => {
    const checkScript = script('echo "given $1"; env | grep -c ^SSM_; true');
    const answer = await run({ action: 'validate', checkScript, path: file });
    expect(answer).toMatchObject({ Status: 'Success', StandardErrorContent: '' });
    expect(answer.StandardOutputContent).toBe(`given ${file}\n0\nvalid: says ${checkScript}\n`);
  });

  it('fails with 68 and the exit code when the script says no', async () => {
    const checkScript = script('echo no such host; exit 3');
    const answer = await run({ action: 'validate', checkScript });
    expect(answer).toMatchObject({ ResponseCode: 68, StandardOutputContent: 'no such host\n' });
    expect(answer.StandardErrorContent).toBe(
      `failed: ${checkScript} says that the configuration is not valid, by exit code 3\n`,
    );
  });

  it('fails with 69 when the script does not end', async () => {
    const answer = await run({ action: 'validate', checkScript: script('exec sleep 60'), checkTimeoutSeconds: '1' });
    expect(answer.ResponseCode).toBe(69);
    expect(answer.StandardErrorContent).toContain('did not end within 1 s');
  });
});

describe('what is asked for', () => {
  it.each<[what: string, parameters: () => Record<string, string>, code: number, message: string]>([
    ['nothing', () => ({}), 64, 'action must be backup, validate or restore'],
    ['a backup of nothing', () => ({ action: 'backup' }), 64, 'backup needs path'],
    [
      'a long path',
      () => ({ action: 'backup', path: `/a${'/b'.repeat(3)}/${'c'.repeat(99)}/${'d'.repeat(99)}` }),
      64,
      'at most 200',
    ],
    ['a script to back up', () => ({ action: 'backup', path: file, checkScript: '/bin/x' }), 64, 'is for validate'],
    [
      'a validation without a script',
      () => ({ action: 'validate', path: file }),
      64,
      'checkScript must be an absolute',
    ],
    ['a script that is not there', () => ({ action: 'validate', checkScript: '/opt/none' }), 65, 'no executable file'],
    ['a backup of what is not there', () => ({ action: 'backup', path: `${file}2` }), 65, 'is not on this host'],
    ['a restore of what was never kept', () => ({ action: 'restore', path: file }), 65, 'there is no copy of'],
  ])('%s is refused, by either kind of agent', async (_what, parameters, code, message) => {
    for (const instanceId of ['i-0abc', 'i-0dd']) {
      const answer = await run(parameters(), instanceId);
      expect(answer.ResponseCode).toBe(code);
      expect(answer.StandardErrorContent).toContain(message);
    }
    expect(readFileSync(file, 'utf8')).toBe('good\n');
  });

  it('must be no link and no heap of data', async () => {
    const link = join(etc, 'link');
    symlinkSync(file, link);
    const data = join(etc, 'data');
    writeFileSync(data, Buffer.alloc(101 * 1024 * 1024));
    for (const [path, message] of [
      [link, 'is a link; name what it leads to'],
      [data, 'holds more than 100 MB'],
    ] as const) {
      const answer = await run({ action: 'backup', path });
      expect(answer.ResponseCode).toBe(67);
      expect(answer.StandardErrorContent).toContain(message);
      expect(existsSync(copiesOf(path))).toBe(false);
    }
  });

  it('works the same with an agent that replaces text', async () => {
    const backup = { action: 'backup', path: file, restartId: 'rst-1' };
    expect(await run(backup, 'i-0dd')).toMatchObject({ Status: 'Success', StandardErrorContent: '' });
    writeFileSync(file, 'bad\n');
    expect(await run({ ...backup, action: 'restore' }, 'i-0dd')).toMatchObject({ Status: 'Success' });
    expect(readFileSync(file, 'utf8')).toBe('good\n');
  });
});
