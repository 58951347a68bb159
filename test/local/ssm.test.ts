// The local SSM with the real SDK client in front: its statuses, limits and refusals, and that a SIGKILL loses nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  CancelCommandCommand,
  DescribeDocumentCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  GetDocumentCommand,
  GetParameterCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  type ListCommandsCommandInput,
  ListDocumentsCommand,
  PutParameterCommand,
  SendCommandCommand,
  type SendCommandCommandInput,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ssmConfigSchema } from '../../local/aws/ssm/config.ts';
import { eventually, invocation, openSsm, send, ssmClient, temporaryFolder } from './ssm-host.ts';

const INSTANCES = [
  { id: 'i-0abc' },
  { id: 'i-0de', agentVersion: '3.3.2745.9' },
  { id: 'i-0a', delivery: 'undeliverable' },
  { id: 'i-0b', delivery: 'delivery-timed-out' },
  { id: 'i-0c', delivery: 'delayed' },
  { id: 'i-0f', pingStatus: 'ConnectionLost' },
];

/** Writes a document whose script is `lines`, with a parameter `word` and a time limit. */
function writeDocument(folder: string, name: string, lines: string[]): void {
  const documents = join(folder, 'documents');
  mkdirSync(documents, { recursive: true });
  const parameters = {
    word: { type: 'String', default: 'dark', allowedPattern: '^[a-z ]*$', interpolationType: 'ENV_VAR' },
    colour: { type: 'String', default: 'red', allowedValues: ['red', 'green'] },
    executionTimeout: { type: 'String', default: '20', allowedPattern: '^[0-9]+$' },
  };
  const inputs = { timeoutSeconds: '{{ executionTimeout }}', runCommand: lines };
  const content = {
    schemaVersion: '2.2',
    parameters,
    mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs }],
  };
  writeFileSync(join(documents, `${name}.json`), JSON.stringify(content));
}

let folder: ReturnType<typeof temporaryFolder>;
const open = (clock?: { now(): number }) =>
  openSsm(
    folder.path,
    { instances: INSTANCES, documents: join(folder.path, 'documents'), parameters: { '/lamplighter/probe/x': 'shh' } },
    clock,
  );
const path = (name: string) => join(folder.path, name);

beforeEach(() => {
  folder = temporaryFolder();
  writeDocument(folder.path, 'Echo', [
    'echo "env ${SSM_word-none} text {{ word }} {{ colour }}"',
    'echo oops >&2',
    'exit 0',
  ]);
  writeDocument(folder.path, 'Fails', ['echo broken >&2', 'exit 7']);
  writeDocument(folder.path, 'Flood', ['yes 0123456789 | head -c 40000', 'yes e | head -c 20000 >&2']);
  writeDocument(folder.path, 'Waits', [
    `echo $$ >>${path('begun')}`,
    `while [ ! -e ${path('go')} ]; do sleep 0.05; done`,
    'echo went on',
  ]);
});
afterEach(async () => {
  // No script outlives its test.
  writeFileSync(path('go'), '');
  const begun = existsSync(path('begun')) ? readFileSync(path('begun'), 'utf8').trim().split('\n') : [];
  await eventually('the scripts to end', () => (begun.some((pid) => existsSync(`/proc/${pid}`)) ? undefined : true));
  folder[Symbol.dispose]();
});
const begun = () => eventually('the script to begin', () => (existsSync(path('begun')) ? true : undefined));

async function withSsm(work: (host: Awaited<ReturnType<typeof open>>) => Promise<void>, clock?: { now(): number }) {
  const host = await open(clock);
  try {
    await work(host);
  } finally {
    await host.close();
  }
}

describe('a command', () => {
  it('hands parameters over as environment or as text, as its agent is old enough for', () =>
    withSsm(async ({ client }) => {
      const newer = await invocation(client, await send(client, 'Echo', { word: 'a b' }));
      expect(newer.StandardOutputContent).toBe('env a b text {{ word }} red\n');
      const older = await invocation(client, await send(client, 'Echo', { word: 'a b' }, 'i-0de'), undefined, 'i-0de');
      expect(older.StandardOutputContent).toBe('env none text a b red\n');
      expect(older).toMatchObject({
        Status: 'Success',
        StatusDetails: 'Success',
        ResponseCode: 0,
        StandardErrorContent: 'oops\n',
      });
      expect(Date.parse(older.ExecutionEndDateTime ?? '')).toBeGreaterThanOrEqual(
        Date.parse(older.ExecutionStartDateTime ?? ''),
      );
    }));

  it('is InProgress while its script runs, and says how it failed', () =>
    withSsm(async ({ client }) => {
      const waiting = await send(client, 'Waits', {});
      const running = await invocation(client, waiting, (status) => status === 'InProgress');
      expect(running).toMatchObject({ ResponseCode: -1, StandardOutputContent: '', ExecutionEndDateTime: '' });
      writeFileSync(path('go'), '');
      expect((await invocation(client, waiting)).StandardOutputContent).toBe('went on\n');
      const failed = await invocation(client, await send(client, 'Fails', {}));
      expect(failed).toMatchObject({
        Status: 'Failed',
        StatusDetails: 'Failed',
        ResponseCode: 7,
        StandardErrorContent: 'broken\n',
      });
    }));

  it('keeps 24,000 and 8,000 characters of its output', () =>
    withSsm(async ({ client }) => {
      const answer = await invocation(client, await send(client, 'Flood', {}));
      expect(answer.StandardOutputContent).toHaveLength(24_000);
      expect(answer.StandardErrorContent).toHaveLength(8_000);
    }));

  it('is ended when its time is up', () =>
    withSsm(async ({ client }) => {
      const answer = await invocation(client, await send(client, 'Waits', { executionTimeout: '1' }));
      expect(answer).toMatchObject({ Status: 'TimedOut', StatusDetails: 'ExecutionTimedOut' });
    }));

  it('is not known for the first moment', async () => {
    let now = Date.now();
    await withSsm(
      async ({ client }) => {
        const CommandId = await send(client, 'Echo', {});
        const look = () => client.send(new GetCommandInvocationCommand({ CommandId, InstanceId: 'i-0abc' }));
        now += 199;
        await expect(look()).rejects.toMatchObject({ name: 'InvocationDoesNotExist' });
        now += 1;
        await expect(look()).resolves.toMatchObject({ CommandId });
        await invocation(client, CommandId);
        await expect(
          client.send(new GetCommandInvocationCommand({ CommandId, InstanceId: 'i-0de' })),
        ).rejects.toMatchObject({ name: 'InvocationDoesNotExist' });
      },
      { now: () => now },
    );
  });

  it('can be cancelled while it runs, and then its script is gone', () =>
    withSsm(async ({ client }) => {
      const CommandId = await send(client, 'Waits', {});
      await begun();
      await client.send(new CancelCommandCommand({ CommandId }));
      expect(await invocation(client, CommandId)).toMatchObject({ Status: 'Cancelled', StatusDetails: 'Cancelled' });
      const script = `/proc/${readFileSync(path('begun'), 'utf8').trim()}`;
      await eventually('the script to be gone', () => (existsSync(script) ? undefined : true));
      await expect(client.send(new CancelCommandCommand({ CommandId: 'none' }))).rejects.toMatchObject({
        name: 'InvalidCommandId',
      });
    }));

  it('that is cancelled before it begins never begins', () =>
    withSsm(async ({ client }) => {
      const CommandId = await send(client, 'Waits', {}, 'i-0c');
      await client.send(new CancelCommandCommand({ CommandId, InstanceIds: ['i-0c'] }));
      expect((await invocation(client, CommandId, undefined, 'i-0c')).Status).toBe('Cancelled');
      // A second one that is delivered as late shows that the first one's time has come and gone.
      const second = await send(client, 'Echo', {}, 'i-0c');
      expect((await invocation(client, second, undefined, 'i-0c')).Status).toBe('Success');
      expect(existsSync(path('begun'))).toBe(false);
    }));
});

describe('delivery', () => {
  it('may be late, or not come about at all', async () => {
    let ahead = 0;
    await withSsm(
      async ({ client }) => {
        const late = await send(client, 'Echo', {}, 'i-0c');
        expect(await invocation(client, late, (status) => status === 'Delayed', 'i-0c')).toMatchObject({
          StatusDetails: 'Delayed',
        });
        expect((await invocation(client, late, undefined, 'i-0c')).Status).toBe('Success');
        const never = await invocation(client, await send(client, 'Echo', {}, 'i-0a'), undefined, 'i-0a');
        expect(never).toMatchObject({ Status: 'Failed', StatusDetails: 'Undeliverable', ResponseCode: -1 });
        const tooLate = await send(client, 'Echo', {}, 'i-0b');
        await invocation(client, tooLate, (status) => status === 'Pending', 'i-0b');
        ahead = 3_600_000;
        const answer = await invocation(client, tooLate, undefined, 'i-0b');
        expect(answer).toMatchObject({ Status: 'TimedOut', StatusDetails: 'DeliveryTimedOut' });
      },
      { now: () => Date.now() + ahead },
    );
  });
});

describe('SendCommand refuses', () => {
  const good: SendCommandCommandInput = { DocumentName: 'Echo', InstanceIds: ['i-0abc'] };
  it.each<[string, Partial<SendCommandCommandInput>, string]>([
    ['an unknown document', { DocumentName: 'Nothing' }, 'InvalidDocument'],
    ['an unknown instance', { InstanceIds: ['i-999'] }, 'InvalidInstanceId'],
    ['an instance that is away', { InstanceIds: ['i-0f'] }, 'InvalidInstanceId'],
    ['a document for Windows', { DocumentName: 'Lamplighter-RestartWindows' }, 'UnsupportedPlatformType'],
    ['a parameter that the document has not', { Parameters: { other: ['x'] } }, 'InvalidParameters'],
    ['a value against the pattern', { Parameters: { word: ['$(reboot)'] } }, 'InvalidParameters'],
    ['a value that is not among those allowed', { Parameters: { colour: ['blue'] } }, 'InvalidParameters'],
    ['two values for one', { Parameters: { word: ['a', 'b'] } }, 'InvalidParameters'],
    ['a comment of 101 characters', { Comment: 'c'.repeat(101) }, 'ValidationException'],
    ['too short a delivery timeout', { TimeoutSeconds: 29 }, 'ValidationException'],
    ['too long a delivery timeout', { TimeoutSeconds: 2_592_001 }, 'ValidationException'],
    ['what it does not know', { OutputS3BucketName: 'bucket' }, 'ValidationException'],
  ])('%s', (_what, wrong, name) =>
    withSsm(async ({ client }) => {
      await expect(client.send(new SendCommandCommand({ ...good, ...wrong }))).rejects.toMatchObject({ name });
      expect((await client.send(new ListCommandsCommand({}))).Commands).toEqual([]);
    }),
  );
});

describe('lists', () => {
  it('give commands newest first, by filter and page', async () => {
    let now = Date.UTC(2026, 0, 1);
    await withSsm(
      async ({ client }) => {
        const ids: string[] = [];
        for (const document of ['Echo', 'Fails', 'Echo']) {
          ids.unshift(await send(client, document, {}));
          now += 60_000;
        }
        for (const id of ids) await invocation(client, id);
        const found = async (input: ListCommandsCommandInput) => {
          const { Commands = [], NextToken } = await client.send(new ListCommandsCommand(input));
          return { ids: Commands.map(({ CommandId }) => CommandId), NextToken };
        };
        expect(await found({})).toEqual({ ids, NextToken: undefined });
        expect(await found({ MaxResults: 2 })).toEqual({ ids: ids.slice(0, 2), NextToken: '2' });
        expect(await found({ MaxResults: 2, NextToken: '2' })).toEqual({ ids: ids.slice(2), NextToken: undefined });
        expect((await found({ CommandId: ids[1] })).ids).toEqual([ids[1]]);
        expect((await found({ InstanceId: 'i-0a' })).ids).toEqual([]);
        const by = async (key: 'InvokedAfter' | 'InvokedBefore' | 'Status' | 'DocumentName', value: string) =>
          (await found({ Filters: [{ key, value }] })).ids;
        expect(await by('InvokedAfter', '2026-01-01T00:00:30Z')).toEqual(ids.slice(0, 2));
        expect(await by('InvokedBefore', '2026-01-01T00:00:30Z')).toEqual(ids.slice(2));
        expect(await by('Status', 'Failed')).toEqual([ids[1]]);
        expect(await by('DocumentName', 'Echo')).toEqual([ids[0], ids[2]]);
        const all = await client.send(
          new ListCommandInvocationsCommand({ CommandId: ids[0], InstanceId: 'i-0abc', Details: true }),
        );
        expect(all.CommandInvocations).toMatchObject([{ CommandId: ids[0], InstanceId: 'i-0abc', Status: 'Success' }]);
      },
      { now: () => now },
    );
  });

  it('give instances and documents', () =>
    withSsm(async ({ client }) => {
      const instances = async (Key: string, ...Values: string[]) =>
        (await client.send(new DescribeInstanceInformationCommand({ Filters: [{ Key, Values }] })))
          .InstanceInformationList;
      expect(await instances('InstanceIds', 'i-0f', 'i-999')).toMatchObject([
        { InstanceId: 'i-0f', PingStatus: 'ConnectionLost' },
      ]);
      expect(await instances('PingStatus', 'Online')).toHaveLength(5);
      const { DocumentIdentifiers = [] } = await client.send(new ListDocumentsCommand({}));
      expect(DocumentIdentifiers.map(({ Name }) => Name).toSorted()).toEqual([
        'Echo',
        'Fails',
        'Flood',
        'Lamplighter-ConfigurationLinux',
        'Lamplighter-RestartLinux',
        'Lamplighter-RestartWindows',
        'Waits',
      ]);
      const Name = 'Lamplighter-RestartWindows';
      const { Content, DocumentType } = await client.send(new GetDocumentCommand({ Name }));
      expect(DocumentType).toBe('Command');
      expect(JSON.parse(Content ?? '')).toHaveProperty('mainSteps.0.action', 'aws:runPowerShellScript');
      const { Document } = await client.send(new DescribeDocumentCommand({ Name }));
      expect(Document?.PlatformTypes).toEqual(['Windows']);
      expect(Document?.Parameters?.find((one) => one.Name === 'executionTimeout')?.DefaultValue).toBe('120');
      await expect(client.send(new GetDocumentCommand({ Name: 'None' }))).rejects.toMatchObject({
        name: 'InvalidDocument',
      });
    }));
});

describe('Parameter Store', () => {
  it('gives what the settings hold, in clear only when asked to decrypt', () =>
    withSsm(async ({ client }) => {
      const get = async (Name: string, WithDecryption?: boolean) =>
        (await client.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;
      expect(await get('/lamplighter/probe/x', true)).toMatchObject({ Type: 'SecureString', Value: 'shh', Version: 1 });
      expect((await get('/lamplighter/probe/x'))?.Value).not.toContain('shh');
      expect((await get('/aws/reference/secretsmanager/lamplighter/probe/x', true))?.Value).toBe('shh');
      await expect(get('/aws/reference/secretsmanager/lamplighter/probe/x')).rejects.toMatchObject({
        name: 'ValidationException',
      });
      await expect(get('/none', true)).rejects.toMatchObject({ name: 'ParameterNotFound' });
    }));

  it('keeps what is put, also over a restart', async () => {
    await withSsm(async ({ client }) => {
      const put = (Overwrite: boolean) =>
        client.send(
          new PutParameterCommand({ Name: '/lamplighter/probe/x', Value: 'new', Type: 'SecureString', Overwrite }),
        );
      await expect(put(false)).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
      expect(await put(true)).toMatchObject({ Version: 2 });
    });
    await withSsm(async ({ client }) => {
      const { Parameter } = await client.send(
        new GetParameterCommand({ Name: '/lamplighter/probe/x', WithDecryption: true }),
      );
      expect(Parameter).toMatchObject({ Value: 'new', Version: 2 });
    });
  });
});

describe('a SIGKILL of the process that holds the SSM', () => {
  async function startProcess() {
    const config = JSON.stringify({ instances: INSTANCES, documents: join(folder.path, 'documents') });
    const program = new URL('./ssm-process.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [program, folder.path, config], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return {
      client: ssmClient(Number(line.toString())),
      async kill() {
        // The whole process group, as a terminal does it.
        process.kill(-child.pid!, 'SIGKILL');
        await once(child, 'exit');
      },
    };
  }

  it('neither ends the script nor loses its result, whether it ends before the next start or after', async () => {
    const first = await startProcess();
    const [early, late] = [await send(first.client, 'Fails', {}), await send(first.client, 'Waits', {})];
    await begun();
    await eventually('the first script to end', () => (existsSync(path(`ssm/${early}/i-0abc/end`)) ? true : undefined));
    await first.kill();
    await withSsm(async ({ client }) => {
      expect(await invocation(client, early)).toMatchObject({ Status: 'Failed', ResponseCode: 7 });
      await invocation(client, late, (status) => status === 'InProgress');
      writeFileSync(path('go'), '');
      expect(await invocation(client, late)).toMatchObject({ Status: 'Success', StandardOutputContent: 'went on\n' });
      expect(readFileSync(path('begun'), 'utf8').trim().split('\n')).toHaveLength(1);
    });
  });

  it('before a script began has it begin at the next start, once however often that is', async () => {
    const first = await startProcess();
    const id = await send(first.client, 'Waits', {}, 'i-0c');
    await first.kill();
    expect(existsSync(path(`ssm/${id}`))).toBe(false);
    await withSsm(() => begun().then(() => undefined));
    await withSsm(async ({ client }) => {
      writeFileSync(path('go'), '');
      expect((await invocation(client, id, undefined, 'i-0c')).Status).toBe('Success');
    });
    expect(readFileSync(path('begun'), 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('together with the script is told as a failure', async () => {
    let id = '';
    await withSsm(async ({ client }) => {
      id = await send(client, 'Waits', {});
      await begun();
      await eventually('the pid', () => (existsSync(path(`ssm/${id}/i-0abc/timeout-pid`)) ? true : undefined));
    });
    const read = (file: string) => Number(readFileSync(path(`ssm/${id}/i-0abc/${file}`), 'utf8'));
    process.kill(read('pid'), 'SIGKILL');
    process.kill(-read('timeout-pid'), 'SIGKILL');
    await withSsm(async ({ client }) => {
      expect(await invocation(client, id)).toMatchObject({ Status: 'Failed', ResponseCode: -1 });
    });
  });
});

it('commands older than 30 days are forgotten at the next start', async () => {
  let id = '';
  await withSsm(async ({ client }) => {
    id = await send(client, 'Echo', {});
    await invocation(client, id);
  });
  const later = Date.now() + 31 * 24 * 3_600_000;
  await withSsm(
    async ({ client }) => {
      expect((await client.send(new ListCommandsCommand({}))).Commands).toEqual([]);
      expect(readdirSync(path('ssm'))).not.toContain(id);
    },
    { now: () => later },
  );
});

describe('the settings', () => {
  it.each([
    ['an unknown key', { instance: [] }],
    ['an id that is none', { instances: [{ id: 'server-1' }] }],
    ['a Windows host', { instances: [{ id: 'i-1', platform: 'Windows' }] }],
    ['an unknown way of delivery', { instances: [{ id: 'i-1', delivery: 'pigeon' }] }],
  ])('refuse %s', (_what, config) => {
    expect(ssmConfigSchema.safeParse(config).success).toBe(false);
  });

  it('refuse a folder with something that is no document, by its name', async () => {
    writeFileSync(join(folder.path, 'documents', 'Bad.json'), '{"schemaVersion":"1.2"}');
    await expect(open()).rejects.toThrow('SSM document Bad');
  });
});
