// The SSM restarter with the real SDK client: against the local SSM, and against a scripted endpoint for what that
// cannot be brought to answer.
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ListCommandsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from 'vitest';

import { createSsmRestarter } from '../../lambdas/adapters/ssm-restarter.ts';
import { canonicalJson } from '../../lambdas/contract/canonical-json.ts';
import { type RestartStep, restartStepSchema } from '../../lambdas/core/model/restart-spec.ts';
import { settleStep } from '../../lambdas/core/registration/restart-way.ts';
import { standardDocuments } from '../../lib/documents.ts';
import { AwsFault, type JsonService } from '../../local/aws/wire.ts';
import { eventually, openSsm, serve, ssmClient, temporaryFolder } from '../local/ssm-host.ts';

const DOCUMENT = 'Lamplighter-RestartLinux';
const step = (changes: object = {}): RestartStep =>
  restartStepSchema.parse({
    kind: 'ssm',
    document: DOCUMENT,
    instanceIds: ['i-0a'],
    parameters: { unit: 'billing' },
    ...changes,
  });
const BEGUN = Date.UTC(2026, 0, 1, 12, 0, 0, 500);
const order = { restartId: 'r-1', begunAt: BEGUN, sentAt: BEGUN, before: '', reason: 'down' };
const pinned = { ...order, pin: '7' };
const handled = { ...order, handle: 'c-1' };
const content = { schemaVersion: '2.2', mainSteps: [{ name: 'restart', inputs: { runCommand: ['exit 0'] } }] };
const published = {
  name: DOCUMENT,
  hash: createHash('sha256').update(canonicalJson(content)).digest('hex'),
};
const other = { ...published, name: 'Acme-Restart' };
const configuration = { ...published, name: 'Lamplighter-ConfigurationLinux' };
const never = new AbortController().signal;

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** An endpoint that answers as told and notes what it was asked. */
async function scripted(operations: JsonService['operations'], now = BEGUN) {
  const asked: Record<string, unknown>[] = [];
  const noted = Object.entries(operations).map(([name, answer]) => [
    name,
    (input: unknown) => {
      asked.push({ operation: name, ...(input as object) });
      return answer(input);
    },
  ]);
  const server = await serve({ target: 'AmazonSSM', operations: Object.fromEntries(noted) });
  const client = ssmClient(server.port);
  cleanups.push(
    () => server.close(),
    () => client.destroy(),
  );
  return { asked, restarter: restarterWith(client, () => now) };
}
const restarterWith = (client: SSMClient, now = () => Date.now(), documents = [published, other, configuration]) =>
  createSsmRestarter({ client, documents, clock: { now } });
const fault =
  (name: string, status = 400) =>
  () => {
    throw new AwsFault(name, 'as the test wants it', status);
  };

describe('inspect', () => {
  it('refuses a document that is not on the list, without asking AWS', async () => {
    const { restarter, asked } = await scripted({});
    expect(await restarter.inspect(step({ document: 'AWS-RunShellScript' }), never)).toEqual({
      kind: 'refused',
      reason: 'the document AWS-RunShellScript is not among those that this deployment allows',
    });
    expect(asked).toEqual([]);
  });

  it('is ready when every agent is online, over all pages', async () => {
    const { restarter, asked } = await scripted({
      DescribeInstanceInformation: (input) =>
        (input as { NextToken?: string }).NextToken === '2'
          ? { InstanceInformationList: [{ InstanceId: 'i-0b', PingStatus: 'Online', Added: 1 }] }
          : { InstanceInformationList: [{ InstanceId: 'i-0a', PingStatus: 'Online' }], NextToken: '2' },
      GetDocument: () => ({ Content: JSON.stringify(content), DocumentVersion: '7' }),
    });
    const answer = await restarter.inspect(step({ instanceIds: ['i-0a', 'i-0b'] }), never);
    expect(answer).toEqual({ kind: 'ready', identity: '', pin: '7' });
    expect(asked[0]).toMatchObject({ Filters: [{ Key: 'InstanceIds', Values: ['i-0a', 'i-0b'] }], MaxResults: 50 });
  });

  it.each([
    [[{ InstanceId: 'i-0a', PingStatus: 'ConnectionLost' }], 'agent of i-0a is ConnectionLost'],
    [[{ InstanceId: 'i-0a' }], 'agent of i-0a is unknown'],
    [[], 'i-0a is not known to Systems Manager'],
  ])('refuses when the agents are %j', async (InstanceInformationList, reason) => {
    const { restarter } = await scripted({ DescribeInstanceInformation: () => ({ InstanceInformationList }) });
    expect(await restarter.inspect(step(), never)).toEqual({ kind: 'refused', reason });
  });

  const online = { InstanceInformationList: [{ InstanceId: 'i-0a', PingStatus: 'Online' }] };

  it('refuses a document that is not what was published', async () => {
    const { restarter } = await scripted({
      DescribeInstanceInformation: () => online,
      GetDocument: () => ({ Content: '{"mainSteps":["reboot"]}', DocumentVersion: '8' }),
    });
    expect(await restarter.inspect(step(), never)).toEqual({
      kind: 'refused',
      reason: expect.stringContaining(`the document ${DOCUMENT} in version 8 is not what this deployment published`),
    });
  });

  it.each([
    ['AccessDeniedException', 400, false],
    ['InternalServerError', 500, true],
  ])('cannot tell when the document is not shown (%s)', async (name, status, isTransient) => {
    const { restarter } = await scripted({
      DescribeInstanceInformation: () => online,
      GetDocument: fault(name, status),
    });
    await expect(restarter.inspect(step(), never)).rejects.toMatchObject({
      name: 'RestartError',
      isTransient,
      message: expect.stringContaining(`GetDocument ${DOCUMENT}: ${name}`),
    });
  });

  it('takes no step of another kind', async () => {
    const { restarter } = await scripted({});
    const ecs = restartStepSchema.parse({ kind: 'ecs', cluster: 'c', service: 's' });
    await expect(restarter.inspect(ecs, never)).rejects.toThrow('a step of kind ecs is not for SSM');
  });
});

describe('evidence', () => {
  it('is how each agent is, over all pages', async () => {
    const { restarter } = await scripted({
      DescribeInstanceInformation: (input) =>
        (input as { NextToken?: string }).NextToken === '2'
          ? { InstanceInformationList: [{ InstanceId: 'i-0c', PingStatus: 'ConnectionLost' }] }
          : {
              InstanceInformationList: [
                {
                  InstanceId: 'i-0a',
                  PingStatus: 'Online',
                  LastPingDateTime: BEGUN / 1000,
                  AgentVersion: '3.3.1',
                  PlatformName: 'Debian GNU/Linux',
                  PlatformVersion: '13',
                },
              ],
              NextToken: '2',
            },
    });
    expect(await restarter.evidence(step({ instanceIds: ['i-0a', 'i-0b', 'i-0c'] }), never)).toBe(
      [
        'agent of i-0a is Online, last heard of 2026-01-01T12:00:00.500Z, version 3.3.1, on Debian GNU/Linux 13',
        'i-0b is not known to Systems Manager',
        'agent of i-0c is ConnectionLost',
      ].join('\n'),
    );
  });

  it('is none when SSM does not answer', async () => {
    const { restarter } = await scripted({ DescribeInstanceInformation: fault('AccessDeniedException') });
    await expect(restarter.evidence(step(), never)).rejects.toMatchObject({ name: 'RestartError' });
  });
});

describe('find', () => {
  it('looks over all pages for the one with exactly this comment', async () => {
    const { restarter, asked } = await scripted({
      ListCommands: (input) =>
        (input as { NextToken?: string }).NextToken === '2'
          ? { Commands: [{ CommandId: 'c-1', Comment: 'lamplighter r-1' }] }
          : { Commands: [{ CommandId: 'c-10', Comment: 'lamplighter r-10' }, { CommandId: 'c-x' }], NextToken: '2' },
    });
    expect(await restarter.find(step(), order, never)).toBe('c-1');
    // A minute before the order began, for clocks that differ, in whole seconds.
    expect(asked[0]).toMatchObject({ Filters: [{ key: 'InvokedAfter', value: '2026-01-01T11:59:00Z' }] });
  });

  it('finds nothing when nothing was sent', async () => {
    const { restarter } = await scripted({ ListCommands: () => ({}) });
    expect(await restarter.find(step(), order, never)).toBeUndefined();
  });
});

describe('send', () => {
  const sent = { Command: { CommandId: 'c-1', TargetCount: 1 } };

  it('sends the parameters of the step and the time limit that our documents have', async () => {
    const { restarter, asked } = await scripted({ SendCommand: () => sent });
    expect(await restarter.send(step({ instanceIds: ['i-0a', 'i-0b'], timeoutSeconds: 77 }), pinned, never)).toBe(
      'c-1',
    );
    expect(asked).toEqual([
      {
        operation: 'SendCommand',
        DocumentName: DOCUMENT,
        DocumentVersion: '7',
        InstanceIds: ['i-0a', 'i-0b'],
        Parameters: { unit: ['billing'], executionTimeout: ['77'] },
        Comment: 'lamplighter r-1',
        TimeoutSeconds: 60,
      },
    ]);
  });

  it('adds nothing to the parameters of a document that is not ours, and lets the step name its own limit', async () => {
    const { restarter, asked } = await scripted({ SendCommand: () => sent });
    await restarter.send(step({ document: 'Acme-Restart' }), pinned, never);
    await restarter.send(step({ parameters: { executionTimeout: '9' } }), pinned, never);
    expect(asked.map(({ Parameters }) => Parameters)).toEqual([{ unit: ['billing'] }, { executionTimeout: ['9'] }]);
  });

  it('tells the document that keeps configurations which restart it is, the same in each of its orders', async () => {
    const { restarter, asked } = await scripted({ SendCommand: () => sent });
    const backup = step({ document: configuration.name, parameters: { path: '/etc/a' } });
    for (const restartId of ['rst-x-1-a1', 'rst-x-1-r0']) await restarter.send(backup, { ...pinned, restartId }, never);
    expect(asked.map(({ Parameters, Comment }) => [Parameters, Comment])).toEqual([
      [{ executionTimeout: ['120'], restartId: ['rst-x-1'], path: ['/etc/a'] }, 'lamplighter rst-x-1-a1'],
      [{ executionTimeout: ['120'], restartId: ['rst-x-1'], path: ['/etc/a'] }, 'lamplighter rst-x-1-r0'],
    ]);
  });

  it('keeps the comment within 100 characters, the same for finding', async () => {
    const long = { ...pinned, restartId: 'r'.repeat(120) };
    const comments: string[] = [];
    const { restarter } = await scripted({
      SendCommand: (input) => {
        comments.push((input as { Comment: string }).Comment);
        return sent;
      },
      ListCommands: () => ({ Commands: [{ CommandId: 'c-1', Comment: comments[0] }] }),
    });
    await restarter.send(step(), long, never);
    expect(comments[0]).toHaveLength(100);
    expect(await restarter.find(step(), long, never)).toBe('c-1');
  });

  it('takes a command without a target for a failure', async () => {
    const { restarter } = await scripted({ SendCommand: () => ({ Command: { CommandId: 'c-1', TargetCount: 0 } }) });
    await expect(restarter.send(step(), pinned, never)).rejects.toMatchObject({
      name: 'RestartError',
      isTransient: false,
      message: 'command c-1 reached no instance',
    });
  });

  it('sends nothing of which the version was not looked at before', async () => {
    const { restarter, asked } = await scripted({ SendCommand: () => sent });
    await expect(restarter.send(step(), order, never)).rejects.toMatchObject({
      name: 'RestartError',
      isTransient: false,
      message: `${DOCUMENT} was not inspected`,
    });
    expect(asked).toEqual([]);
  });

  it('refuses a document that is not on the list, whatever was inspected', async () => {
    const { restarter, asked } = await scripted({ SendCommand: () => sent });
    const attempt = restarter.send(step({ document: 'AWS-RunShellScript' }), pinned, never);
    await expect(attempt).rejects.toMatchObject({ name: 'RestartError', isTransient: false });
    expect(asked).toEqual([]);
  });

  it.each([
    ['InvalidInstanceId', 400, false],
    ['InvalidDocument', 400, false],
    ['InvalidParameters', 400, false],
    ['UnsupportedPlatformType', 400, false],
    ['AccessDeniedException', 400, false],
    ['ThrottlingException', 400, true],
    ['InternalServerError', 500, true],
  ])('is tried once when SSM says %s (%i)', async (name, status, isTransient) => {
    const { restarter, asked } = await scripted({ SendCommand: fault(name, status) });
    const attempt = restarter.send(step(), pinned, never);
    await expect(attempt).rejects.toMatchObject({ name: 'RestartError', isTransient, cause: { name } });
    // The SDK would try a 500 three times, and the script could run as often.
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['InvalidInstanceId', true],
    ['InvalidDocument', false],
  ])('is refused, and not failed, where SSM knows that a host is stopping or gone: %s', async (name, isRefusal) => {
    const { restarter } = await scripted({ SendCommand: fault(name, 400) });
    const attempt = restarter.send(step(), pinned, never);
    await expect(attempt).rejects.toMatchObject({ isTransient: false, isRefusal });
    if (isRefusal) await expect(attempt).rejects.toThrow('SSM takes no command for i-0a: a host is stopping or gone');
  });

  it('does not send when it is cut off first', async () => {
    const { restarter, asked } = await scripted({ SendCommand: () => sent });
    await expect(restarter.send(step(), pinned, AbortSignal.abort())).rejects.toMatchObject({
      name: 'RestartError',
      isTransient: true,
    });
    expect(asked).toEqual([]);
  });

  it('says so when it cannot even make up the request', async () => {
    const client = new SSMClient({ region: (): Promise<string> => Promise.reject(new Error('no region is set')) });
    const attempt = restarterWith(client).send(step(), pinned, never);
    await expect(attempt).rejects.toThrow('SendCommand Lamplighter-RestartLinux: Error: no region is set');
  });

  it('cannot read an answer without a command', async () => {
    const { restarter } = await scripted({ SendCommand: () => ({}) });
    await expect(restarter.send(step(), pinned, never)).rejects.toMatchObject({ name: 'RestartError' });
  });
});

describe('look', () => {
  const looking = async (answer: object) => {
    const { restarter } = await scripted({ GetCommandInvocation: () => answer });
    return await restarter.look(step(), handled, never);
  };

  it.each(['Pending', 'InProgress', 'In Progress', 'Delayed', 'Cancelling'])('%s is running', async (Status) => {
    expect(await looking({ Status })).toEqual({ kind: 'running', detail: '1 of 1 hosts have not finished' });
  });

  it('Success is a change, with the command as identity', async () => {
    expect(await looking({ Status: 'Success', StatusDetails: 'Success', ResponseCode: 0 })).toEqual({
      kind: 'changed',
      identity: 'c-1',
      detail: 'the script succeeded on 1 host',
    });
  });

  it('hands over what was said when all went well, without secrets, the end of it', async () => {
    const output = (said: string) =>
      looking({ Status: 'Success', StandardOutputContent: said, StandardErrorContent: 'token=abc\n' });
    expect(await output('--- before this restart\nout of memory\n--- end\n')).toMatchObject({
      kind: 'changed',
      output: '--- before this restart\nout of memory\n--- end\n\ntoken=***',
    });
    expect(await output(`first${'x'.repeat(3_000)}`)).toMatchObject({
      output: `${'x'.repeat(2_000 - '\ntoken=***'.length)}\ntoken=***`,
    });
  });

  it('shares the room for what was said among the hosts', async () => {
    const { restarter } = await scripted({
      GetCommandInvocation: (input) => {
        const { InstanceId } = input as { InstanceId: string };
        return { Status: 'Success', StandardOutputContent: InstanceId === 'i-0c' ? '' : `${'x'.repeat(1_500)} end` };
      },
    });
    const progress = await restarter.look(step({ instanceIds: ['i-0a', 'i-0b', 'i-0c'] }), handled, never);
    const { output = '' } = progress as { output?: string };
    expect(output).toMatch(/^i-0a:\nx{650,} end\ni-0b:\nx{650,} end$/);
    expect(output.length).toBeLessThanOrEqual(2_000);
  });

  it.each([
    ['Failed', 'Failed', 'the script failed on i-0a with exit code 69'],
    ['Failed', '', 'the script failed on i-0a with exit code 69'],
    [
      'Failed',
      'Undeliverable',
      'the command could not be delivered to i-0a: there is no such instance, or it does not answer',
    ],
    ['TimedOut', 'DeliveryTimedOut', 'the command could not be delivered to i-0a: its agent did not fetch it in time'],
    [
      'TimedOut',
      'Delivery Timed Out',
      'the command could not be delivered to i-0a: its agent did not fetch it in time',
    ],
    ['TimedOut', 'Execution Timed Out', 'the script ran out of time on i-0a and was ended'],
    ['TimedOut', 'ExecutionTimedOut', 'the script ran out of time on i-0a and was ended'],
    ['TimedOut', 'TimedOut', 'the script ran out of time on i-0a and was ended'],
    ['Cancelled', 'Cancelled', 'the command was cancelled on i-0a'],
    ['Failed', 'Terminated', 'the command was ended on i-0a, because it had failed on others'],
    ['Failed', 'AccessDenied', 'the command ended on i-0a as accessdenied'],
  ])('%s with details "%s" is a failure: %s', async (Status, StatusDetails, reason) => {
    expect(await looking({ Status, StatusDetails, ResponseCode: 69 })).toEqual({
      kind: 'failed',
      reason,
      output: undefined,
    });
  });

  it('shows the last 2,000 characters of what the script said, without secrets', async () => {
    const answer = await looking({
      Status: 'Failed',
      StatusDetails: 'Failed',
      ResponseCode: 1,
      StandardOutputContent: `first\n${'x'.repeat(3_000)}\n`,
      StandardErrorContent: 'DB_PASSWORD=hunter2\nfailed: no port\n',
    });
    const { output = '' } = answer as { output?: string };
    expect(output).toHaveLength(2_000);
    expect(output.endsWith('x\n\nDB_PASSWORD=***\nfailed: no port')).toBe(true);
  });

  it('says why the script failed, in its own last words, without secrets', async () => {
    const failed = { Status: 'Failed', StatusDetails: 'Failed', ResponseCode: 65 };
    const answer = await looking({
      ...failed,
      StandardErrorContent: 'failed: at first\nfailed: no file /opt/x.sh, token=abc\nand more\n',
    });
    const reason = 'the script failed on i-0a with exit code 65: no file /opt/x.sh, token=***';
    expect(answer).toMatchObject({ kind: 'failed', reason });
    const long = await looking({ ...failed, StandardErrorContent: `failed: ${'x'.repeat(5_000)}` });
    expect(long).toMatchObject({ reason: `the script failed on i-0a with exit code 65: ${'x'.repeat(300)}` });
  });

  it('waits for all hosts before it calls one of them a failure', async () => {
    const fates: Record<string, string> = {
      'i-0a': 'Failed',
      'i-0b': 'InProgress',
      'i-0c': 'Success',
      'i-0d': 'Failed',
    };
    const { restarter } = await scripted({
      GetCommandInvocation: (input) => ({
        Status: fates[(input as { InstanceId: string }).InstanceId],
        ResponseCode: 2,
        StandardErrorContent: 'no',
      }),
    });
    const four = step({ instanceIds: Object.keys(fates) });
    expect(await restarter.look(four, handled, never)).toEqual({
      kind: 'running',
      detail: '1 of 4 hosts have not finished',
    });
    fates['i-0b'] = 'Success';
    expect(await restarter.look(four, handled, never)).toEqual({
      kind: 'failed',
      reason: 'the script failed on i-0a with exit code 2; the script failed on i-0d with exit code 2',
      output: 'no\nno',
    });
  });

  it.each([
    ['sent when it was begun', BEGUN],
    ['sent two minutes after it was begun, by the next invocation', BEGUN + 120_000],
  ])('takes a command that SSM does not know for one on its way, for a minute: %s', async (_, sentAt) => {
    const unknown = { GetCommandInvocation: fault('InvocationDoesNotExist') };
    const early = await scripted(unknown, sentAt + 60_000);
    expect(await early.restarter.look(step(), { ...handled, sentAt }, never)).toMatchObject({ kind: 'running' });
    const late = await scripted(unknown, sentAt + 60_001);
    expect(await late.restarter.look(step(), { ...handled, sentAt }, never)).toEqual({
      kind: 'failed',
      reason: 'SSM knows of no command c-1 for i-0a',
      output: undefined,
    });
  });

  it('throws what the caller may try again', async () => {
    const { restarter, asked } = await scripted({ GetCommandInvocation: fault('InternalServerError', 500) });
    await expect(restarter.look(step(), handled, never)).rejects.toMatchObject({
      name: 'RestartError',
      isTransient: true,
      message: expect.stringContaining('GetCommandInvocation c-1'),
    });
    // Reading may be repeated by the SDK.
    expect(asked).toHaveLength(3);
  });
});

describe('with the local SSM', () => {
  async function local() {
    const folder = temporaryFolder();
    const instances = [
      { id: 'i-0a' },
      { id: 'i-0b', pingStatus: 'ConnectionLost' },
      { id: 'i-0c', delivery: 'undeliverable' },
    ];
    const host = await openSsm(folder.path, { instances });
    cleanups.push(
      () => folder[Symbol.dispose](),
      () => host.close(),
    );
    const begun = { ...order, begunAt: Date.now(), sentAt: Date.now(), pin: '1' };
    const restarter = restarterWith(host.client, Date.now, [...standardDocuments]);
    const ended = (wanted: RestartStep, handle: string) =>
      eventually('the end', async () => {
        const progress = await restarter.look(wanted, { ...begun, handle }, never);
        return progress.kind === 'running' ? undefined : progress;
      });
    return { folder: folder.path, host, begun, restarter, ended };
  }

  it('a whole restart goes through, is found again and is never there twice', async () => {
    const { folder, host, begun, restarter, ended } = await local();
    const systemctl = join(folder, 'systemctl');
    writeFileSync(systemctl, `#!/bin/sh\necho "$*" >>${folder}/calls\n`, { mode: 0o755 });
    const path = process.env['PATH'];
    process.env['PATH'] = `${folder}:${path}`;
    try {
      expect(await restarter.inspect(step(), never)).toEqual({ kind: 'ready', identity: '', pin: '1' });
      expect(await restarter.find(step(), begun, never)).toBeUndefined();
      const handle = await restarter.send(step(), begun, never);
      expect(await restarter.find(step(), begun, never)).toBe(handle);
      expect(await restarter.find(step(), { ...begun, restartId: 'r-2' }, never)).toBeUndefined();
      expect(await ended(step(), handle)).toMatchObject({ kind: 'changed', identity: handle });
      expect(existsSync(join(folder, 'calls'))).toBe(true);
      expect((await host.client.send(new ListCommandsCommand({}))).Commands).toHaveLength(1);
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('what goes wrong is told apart: an agent that is away, an undelivered command, a failing script', async () => {
    const { begun, restarter, ended } = await local();
    expect(await restarter.inspect(step({ instanceIds: ['i-0a', 'i-0b'] }), never)).toEqual({
      kind: 'refused',
      reason: 'agent of i-0b is ConnectionLost',
    });
    await expect(restarter.send(step({ instanceIds: ['i-0b'] }), begun, never)).rejects.toMatchObject({
      isTransient: false,
      cause: { name: 'InvalidInstanceId' },
    });
    const lost = step({ instanceIds: ['i-0c'] });
    expect(await ended(lost, await restarter.send(lost, begun, never))).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('could not be delivered to i-0c'),
    });
    const wrong = step({ parameters: {} });
    expect(await ended(wrong, await restarter.send(wrong, begun, never))).toEqual({
      kind: 'failed',
      reason:
        'the script failed on i-0a with exit code 64: give exactly one of unit, container, startScript and restartScript',
      output: 'failed: give exactly one of unit, container, startScript and restartScript',
    });
  });

  it('a restart script that is not on the host is named, with its path', async () => {
    const { begun, restarter, ended } = await local();
    const byConvention = settleStep(step({ parameters: {} }), 'no-such-service');
    expect(await ended(byConvention, await restarter.send(byConvention, begun, never))).toMatchObject({
      kind: 'failed',
      reason:
        'the script failed on i-0a with exit code 65: /opt/lamplighter/restart_no-such-service.sh is no executable file on this host',
    });
  });

  it('a version that there is not is not sent', async () => {
    const { begun, restarter } = await local();
    await expect(restarter.send(step(), { ...begun, pin: '2' }, never)).rejects.toMatchObject({
      name: 'RestartError',
      isTransient: false,
      cause: { name: 'InvalidDocumentVersion' },
    });
  });
});
