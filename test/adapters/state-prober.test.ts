// The ecs probe against the local ECS with real processes, over the wire; and what our own trouble comes to.
import { ListTasksCommand, StopTaskCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createEcsServiceState } from '../../lambdas/adapters/ecs-service-state.ts';
import {
  type EcsBench,
  ecsClient,
  freePort,
  makeFolder,
  openEcs,
  rolledOut,
  task,
  until,
} from '../fixtures/local-ecs.ts';
import { look } from '../make/probe-bench.ts';

let folder: ReturnType<typeof makeFolder>;
let bench: EcsBench | undefined;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(async () => {
  await bench?.close();
  bench = undefined;
  expect(folder.clear()).toEqual([]);
});

const probe = (more: object = {}) => ({ kind: 'ecs', cluster: 'prod', service: 'api', retries: 0, ...more });
async function open(...behaviour: (string | number)[]) {
  const port = await freePort();
  const command = task(...behaviour.map((word) => (word === 'PORT' ? port : word)));
  bench = await openEcs(folder.path, [{ cluster: 'prod', service: 'api', command, port, env: folder.env }]);
  const ecs = { state: createEcsServiceState(bench.client) };
  return { client: bench.client, see: (more?: object) => look(probe(more), { ecs }) };
}

describe('an ecs probe', () => {
  it('sees a service that runs, one whose task was stopped, and one that was scaled to zero', async () => {
    const { client, see } = await open('listen', 'PORT');
    await rolledOut(client, 'api');
    expect(await see()).toEqual({ verdict: 'up', cause: 'none' });
    const { taskArns } = await client.send(new ListTasksCommand({ cluster: 'prod', serviceName: 'api' }));
    await client.send(new StopTaskCommand({ cluster: 'prod', task: taskArns![0]!, reason: 'stopped by jane' }));
    const stopped = await until('a stopped task', async () => {
      const seen = await see();
      return seen.verdict === 'down' && seen.message?.includes('stopped by jane') ? seen : undefined;
    });
    expect(stopped).toMatchObject({ verdict: 'down', cause: 'container_stopped' });
    await client.send(new UpdateServiceCommand({ cluster: 'prod', service: 'api', desiredCount: 0 }));
    expect(await see()).toMatchObject({ verdict: 'up', message: 'scaled to zero on purpose' });
  });

  it('sees a rollout that fails', async () => {
    const { client, see } = await open('die', 3);
    await rolledOut(client, 'api', 'FAILED');
    expect(await see()).toMatchObject({ verdict: 'down', cause: 'container_error' });
  });

  it('sees that there is no such service, or no such cluster', async () => {
    const { see } = await open('listen', 'PORT');
    for (const where of [{ service: 'gone' }, { cluster: 'gone' }])
      expect(await see(where)).toMatchObject({ verdict: 'down', message: expect.stringContaining('ECS knows no') });
  });

  it('is unknown when ECS cannot be asked: that says nothing of the service', async () => {
    const nobody = ecsClient(await freePort());
    const seen = await look(probe({ timeoutSeconds: 0.5 }), { ecs: { state: createEcsServiceState(nobody) } });
    expect(seen).toMatchObject({ verdict: 'unknown', cause: 'own_trouble' });
    nobody.destroy();
  });

  it.each([
    ['denied', Object.assign(new Error('arn:secret'), { name: 'AccessDeniedException' }), 'AccessDeniedException'],
    [
      'throttled',
      new Error('x', { cause: Object.assign(new Error(), { name: 'ThrottlingException' }) }),
      'ThrottlingException',
    ],
    ['failed by something else', 'oops', 'no error'],
  ])('is unknown when it is %s', async (_, fault, name) => {
    const seen = await look(probe(), { ecs: { state: () => Promise.reject(fault) } });
    expect(seen).toEqual({ verdict: 'unknown', cause: 'own_trouble', message: `ECS could not be asked (${name})` });
  });

  it('is unknown from a prober that may not ask ECS', async () => {
    expect(await look(probe())).toMatchObject({ verdict: 'unknown', message: 'this prober may not ask ECS' });
  });
});
