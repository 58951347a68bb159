// The local ECS tells of its services as EventBridge would, so that the same function understands both.
import { StopTaskCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { stateChangeSchema } from '../../lambdas/core/rounds/state-change.ts';
import type { LocalTask, ServiceRecord } from '../../local/aws/ecs/record.ts';
import { stateEvents } from '../../local/aws/ecs/state-events.ts';
import { type EcsBench, freePort, makeFolder, openEcs, pidAt, rolledOut, task, until } from '../fixtures/local-ecs.ts';

type Told = { 'detail-type': string; detail: { lastStatus?: string; eventName?: string; stoppedReason?: string } };
const wordsOf = (event: object) => (event as Told).detail.lastStatus ?? (event as Told).detail.eventName;

const NOW = Date.UTC(2026, 0, 5, 12, 0, 0, 678);
const empty: ServiceRecord = {
  ...{ cluster: 'prod', service: 'api', status: 'ACTIVE', createdAt: 0, desiredCount: 1, configuredCount: 1 },
  ...{ deployments: [], tasks: [] },
};
const withTask = (lastStatus: LocalTask['lastStatus'], id = 't1'): ServiceRecord => ({
  ...empty,
  tasks: [{ id, deploymentId: 'ecs-svc/1', lastStatus, createdAt: 0 }],
});
const withDeployment = (rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED', id = 'ecs-svc/1'): ServiceRecord => ({
  ...empty,
  deployments: [
    { id, status: 'PRIMARY', rolloutState, rolloutStateReason: 'x', createdAt: 0, updatedAt: 0, failedTasks: 0 },
  ],
});

describe('the events between two records', () => {
  it.each([
    ['nothing for what stays as it is', withTask('RUNNING'), withTask('RUNNING'), []],
    ['nothing for a task on its way', empty, withTask('PENDING'), []],
    ['a task that runs', withTask('PENDING'), withTask('RUNNING'), ['RUNNING']],
    ['a task that has stopped', withTask('RUNNING'), withTask('STOPPED'), ['STOPPED']],
    ['a task that has stopped before it ran', withTask('PENDING'), withTask('STOPPED'), ['STOPPED']],
    ['a task in the place of another', withTask('RUNNING', 't0'), withTask('RUNNING'), ['RUNNING']],
    ['a deployment that begins', empty, withDeployment('IN_PROGRESS'), ['SERVICE_DEPLOYMENT_IN_PROGRESS']],
    ['one that ends', withDeployment('IN_PROGRESS'), withDeployment('COMPLETED'), ['SERVICE_DEPLOYMENT_COMPLETED']],
    ['one that fails', withDeployment('IN_PROGRESS'), withDeployment('FAILED'), ['SERVICE_DEPLOYMENT_FAILED']],
    ['no deployment twice', withDeployment('COMPLETED'), withDeployment('COMPLETED'), []],
  ])('are %s', (_, before, after, expected) => {
    expect(stateEvents(before, after, NOW).map(wordsOf)).toEqual(expected);
  });

  it.each([
    ['a task', withTask('STOPPED')],
    ['a deployment', withDeployment('FAILED')],
  ])('name the service and the time, as the probe function reads them: %s', (_, after) => {
    const decoded = stateEvents(empty, after, NOW).map((event) => stateChangeSchema.parse(event));
    expect(decoded).toMatchObject([{ targets: ['ecs#prod#api'], at: Math.floor(NOW / 1000) * 1000 }]);
  });
});

describe('a local service', () => {
  let folder: ReturnType<typeof makeFolder>;
  let bench: EcsBench | undefined;
  let port: number;
  const events: object[] = [];
  const words = () => events.map(wordsOf);
  const open = async (emit = async (event: object) => void events.push(event)) => {
    const api = { cluster: 'prod', service: 'api', command: task('listen', port), port, env: folder.env };
    bench = await openEcs(folder.path, [api], emit);
    await rolledOut(bench.client, 'api');
    return bench;
  };
  beforeEach(async () => {
    events.length = 0;
    folder = makeFolder();
    port = await freePort();
  });
  afterEach(async () => {
    await bench?.close();
    expect(folder.clear(), 'processes left behind').toEqual([]);
  });

  it('tells of its start, of its death, and of its redeployment', async () => {
    const { client } = await open();
    await until('the start', () => words().length === 2);
    expect(words().toSorted()).toEqual(['RUNNING', 'SERVICE_DEPLOYMENT_COMPLETED']);
    process.kill(await pidAt(port), 'SIGKILL');
    await until('the death', () => words().includes('STOPPED'));
    await client.send(new UpdateServiceCommand({ cluster: 'prod', service: 'api', forceNewDeployment: true }));
    await rolledOut(client, 'api');
    await until('the redeployment', () => words().length === 6);
    expect(words().slice(3).toSorted()).toEqual([
      ...['RUNNING', 'SERVICE_DEPLOYMENT_COMPLETED', 'SERVICE_DEPLOYMENT_IN_PROGRESS'],
    ]);
  });

  it('tells nothing of a stop that ends one-machine mode: nobody is there to look', async () => {
    const { close } = await open();
    await until('the start', () => words().length === 2);
    await close();
    bench = undefined;
    expect(words()).toHaveLength(2);
  });

  it('goes on when nobody takes its events, and says so', async () => {
    const { client, lines, ecs } = await open(() => Promise.reject(new Error('no queue')));
    await until('a line', () => lines.some((line) => line.includes('an event is lost. no queue')));
    const [running] = ecs.tasks();
    await client.send(new StopTaskCommand({ cluster: 'prod', task: running?.id }));
    await until('the stop', () => ecs.tasks().length === 0);
  });
});
