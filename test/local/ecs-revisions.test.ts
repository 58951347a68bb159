import { join } from 'node:path';

import {
  DescribeTaskDefinitionCommand,
  type ECSClient,
  ListTaskDefinitionsCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { endsWell } from '../../local/aws/ecs/processes.ts';
import {
  describeOne,
  type EcsBench,
  freePort,
  makeFolder,
  openEcs,
  pidAt,
  rolledOut,
  type Settings,
  task,
} from '../fixtures/local-ecs.ts';

let folder: ReturnType<typeof makeFolder>;
let bench: EcsBench | undefined;
let port: number;
beforeEach(async () => {
  folder = makeFolder();
  port = await freePort();
});
afterEach(async () => {
  await bench?.close();
  bench = undefined;
  expect(folder.clear(), 'processes left behind').toEqual([]);
});
async function open(more: Partial<Settings[number]>): Promise<ECSClient> {
  const settings = { cluster: 'prod', service: 'api', command: task('listen', port), port, env: folder.env, ...more };
  bench = await openEcs(folder.path, [settings]);
  return bench.client;
}
const update = (client: ECSClient, taskDefinition: string) =>
  client.send(new UpdateServiceCommand({ cluster: 'prod', service: 'api', taskDefinition }));
const arn = (revision: number) => `arn:aws:ecs:us-east-1:000000000000:task-definition/api:${revision}`;

describe('the task definition of a local service', () => {
  it('has a revision for the service itself and one for each of its revisions, and starts with the newest', async () => {
    const client = await open({ image: 'shop:1', revisions: [{}, { image: 'shop:3' }] });
    expect((await rolledOut(client, 'api')).taskDefinition).toBe(arn(3));
    const list = async (input: object) =>
      (await client.send(new ListTaskDefinitionsCommand({ familyPrefix: 'api', ...input }))).taskDefinitionArns;
    expect(await list({})).toEqual([arn(1), arn(2), arn(3)]);
    expect(await list({ sort: 'DESC' })).toEqual([arn(3), arn(2), arn(1)]);
    expect(await list({ status: 'INACTIVE' })).toEqual([]);
    expect(await list({ familyPrefix: 'ap' })).toEqual([]);
    const imageOf = async (taskDefinition: string) =>
      (await client.send(new DescribeTaskDefinitionCommand({ taskDefinition }))).taskDefinition;
    expect(await imageOf('api:2')).toMatchObject({
      ...{ family: 'api', revision: 2, status: 'ACTIVE', taskDefinitionArn: arn(2) },
      containerDefinitions: [{ name: 'api', image: 'shop:1' }],
    });
    expect(await imageOf(arn(3))).toMatchObject({ containerDefinitions: [{ image: 'shop:3' }] });
    expect(await imageOf('api')).toMatchObject({ revision: 3 });
  });

  it('is changed by UpdateService, with a deployment that runs the command of that revision', async () => {
    const client = await open({ revisions: [{ env: { SHARED: 'x' } }] });
    const before = await rolledOut(client, 'api');
    const pid = await pidAt(port);
    await update(client, 'api:1');
    const after = await rolledOut(client, 'api');
    expect(after.taskDefinition).toBe(arn(1));
    expect(after.deployments?.[0]).toMatchObject({ taskDefinition: arn(1) });
    expect(after.deployments?.[0]?.id).not.toBe(before.deployments?.[0]?.id);
    expect(await pidAt(port)).not.toBe(pid);
    // What is there already needs no deployment.
    await update(client, 'api:1');
    expect((await describeOne(client, 'api')).deployments?.[0]?.id).toBe(after.deployments?.[0]?.id);
    // A forced one repeats what runs.
    await client.send(new UpdateServiceCommand({ cluster: 'prod', service: 'api', forceNewDeployment: true }));
    expect((await rolledOut(client, 'api')).taskDefinition).toBe(arn(1));
  });

  it('stays at its revision when one-machine mode ends and begins again', async () => {
    const client = await open({ revisions: [{}] });
    await rolledOut(client, 'api');
    await update(client, 'api:1');
    await rolledOut(client, 'api');
    await bench?.close();
    expect((await rolledOut(await open({ revisions: [{}] }), 'api')).taskDefinition).toBe(arn(1));
  });

  it.each(['other:1', 'api:3', 'api:0', 'api:x'])('knows no %s', async (taskDefinition) => {
    const client = await open({ desiredCount: 0, revisions: [{}] });
    const refused = { name: 'InvalidParameterException' };
    await expect(update(client, taskDefinition)).rejects.toMatchObject(refused);
    await expect(client.send(new DescribeTaskDefinitionCommand({ taskDefinition }))).rejects.toMatchObject(refused);
  });
});

describe('the command of a health check', () => {
  const asked = { env: {}, timeoutMs: 5_000 };
  it.each<[string, boolean, string | string[]]>([
    ['ends well', true, 'exit 0'],
    ['fails', false, 'exit 1'],
    ['is not there', false, ['/nowhere/at/all']],
    ['is killed', false, 'kill -9 $$'],
  ])('that %s says %s', async (_, isWell, command) => {
    expect(await endsWell(command, asked)).toBe(isWell);
  });

  it('runs where the service runs, with its environment', async () => {
    const { path } = folder;
    expect(
      await endsWell(`test "$PWD" = ${path} && test "$MARK" = x`, { ...asked, cwd: path, env: { MARK: 'x' } }),
    ).toBe(true);
    expect(await endsWell(`test -e ${join(path, 'none')}`, asked)).toBe(false);
  });

  it('that takes too long has failed', async () => {
    expect(await endsWell(['sleep', '60'], { ...asked, timeoutMs: 50 })).toBe(false);
  });
});
