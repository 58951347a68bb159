// The ladder on one machine: a first step that does not help is followed by the second, and a version that never becomes
// healthy is rolled back.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';

import { describeOne, rolledOut } from '../fixtures/local-ecs.ts';
import { CLUSTER, document, freePorts, openScene, redeploy, script } from './scene.ts';
import { kindsOf, toldOf, untilEvent, untilHealth, watch } from './waiting.ts';

describe('the ladder', { timeout: 240_000 }, () => {
  it('a service that a redeploy does not help is healed by the second step', async (context) => {
    const [port = 0] = await freePorts(1);
    const scene = await openScene(context, (folder) => [
      { name: 'lamp', port, env: { FRAIL_ILL_FILE: join(folder, 'stale.lock') } },
    ]);
    const lock = join(scene.path, 'stale.lock');
    const second = script(scene.writeScript('clear-lock.sh', `rm -f ${lock}`));
    const restart = { warmUpSeconds: 1, verifyTimeoutSeconds: 6, backoffSeconds: 1, steps: [redeploy('lamp'), second] };
    await watch(scene, { lamp: document(port, { restart }) });

    writeFileSync(lock, '');
    const illAt = scene.clock();
    await untilEvent(scene, 'lamp', 'restart_failed');
    const failedAt = scene.clock();
    await untilHealth(scene, 'lamp', 'healthy');
    await context.annotate(`ill ${illAt} s, first step failed ${failedAt} s, healthy ${scene.clock()} s`);

    expect(existsSync(lock)).toBe(false);
    expect(scene.lives('lamp'), 'the first step began it anew, the second did not').toHaveLength(2);
    const kinds = await kindsOf(scene, 'lamp');
    const told = kinds.filter((kind) => ['restart_sent', 'restart_failed', 'restart_completed'].includes(kind));
    expect(told).toEqual(['restart_sent', 'restart_failed', 'restart_sent', 'restart_completed']);
    expect(await scene.api.service('lamp')).toMatchObject({ totalRestarts: 2, restart: { phase: 'completed' } });
    expect(toldOf(scene)).toEqual(['lamp unhealthy', 'lamp restart_failed', 'lamp recovered']);
  });

  it('a version that never becomes healthy is rolled back', async (context) => {
    const [port = 0] = await freePorts(1);
    const scene = await openScene(context, () => [{ name: 'lamp', port, revisions: [{ env: { FRAIL_ILL: 'yes' } }] }]);
    const deploy = async (taskDefinition: string) => {
      await scene.ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service: 'lamp', taskDefinition }));
      await rolledOut(scene.ecs, 'lamp');
    };
    await deploy('lamp:1');
    const restart = {
      ...{ warmUpSeconds: 1, verifyTimeoutSeconds: 6, steps: [redeploy('lamp')] },
      rollback: { ...redeploy('lamp'), action: 'rollback' },
    };
    await watch(scene, { lamp: document(port, { restart }) });

    await deploy('lamp:2');
    const deployedAt = scene.clock();
    await untilEvent(scene, 'lamp', 'restart_recovering');
    const recoveringAt = scene.clock();
    await untilHealth(scene, 'lamp', 'healthy');
    await context.annotate(`deployed ${deployedAt} s, rolled back from ${recoveringAt} s, healthy ${scene.clock()} s`);

    expect((await describeOne(scene.ecs, 'lamp')).taskDefinition).toMatch(/\/lamp:1$/);
    expect(await scene.api.restart('lamp')).toMatchObject({
      phase: 'failed',
      outcome: expect.stringContaining('it was taken back'),
    });
    expect(await scene.api.service('lamp')).toMatchObject({ totalRestarts: 1 });
    expect(toldOf(scene)).toEqual(['lamp unhealthy', 'lamp restart_failed', 'lamp recovered']);
  });
});
